"""How stores stand among their peers in a month.

Form: ranking and benchmark 排名与对标 (9.4), calculation C13.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.domain.franchise.models.chain import RankGroup, StoreRank
from shared.domain.franchise.models.stores import StoreFile, StoreMonth
from shared.domain.franchise.rules.benchmark import Quartiles, Ranking


@dataclass(frozen=True, slots=True, kw_only=True)
class RankRow:
    """One store's place.

    Units: `value` is numerator / denominator to 4 decimals, in fen where the ranking is of money;
    None without a base. `rank` is None for a store that is too young or has no value.
    """

    tenant: str
    code: str
    name: str
    peer_group: str
    value: Decimal | None
    rank: int | None
    peers: int
    quartile: int | None
    is_provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupQuartiles:
    """The quartiles of one peer group; hidden (None) under five peers."""

    peer_group: str
    peers: int
    quartiles: Quartiles | None


def ranking(
    session: Session, month: date, indicator: Ranking, *, skip: int = 0, limit: int | None = None
) -> Sequence[RankRow]:
    """List the stores of a month by peer group and rank; those without a rank come last.

    Units: `skip` so many places, `limit` to so many rows; the first page costs the same whatever
        the number of stores.
    """
    rows = session.execute(
        select(StoreRank, StoreFile.code, StoreFile.name, StoreMonth.state)
        .join(StoreFile, StoreFile.tenant == StoreRank.tenant)
        .join(
            StoreMonth,
            (StoreMonth.tenant == StoreRank.tenant) & (StoreMonth.month == StoreRank.month),
        )
        .where(StoreRank.month == month, StoreRank.indicator == indicator)
        .order_by(StoreRank.peer_group, StoreRank.rank.nulls_last(), StoreFile.code)
        .offset(skip)
        .limit(limit)
    )
    return [
        RankRow(
            tenant=place.tenant,
            code=code,
            name=name,
            peer_group=place.peer_group,
            value=_value(place.value_e4),
            rank=place.rank,
            peers=place.peers,
            quartile=place.quartile,
            is_provisional=state != "CLOSED",
        )
        for place, code, name, state in rows
    ]


def quartiles(session: Session, month: date, indicator: Ranking) -> Sequence[GroupQuartiles]:
    """List the peer groups of a month with their quartiles.

    Units: as `RankRow.value`.
    """
    rows = session.scalars(
        select(RankGroup)
        .where(RankGroup.month == month, RankGroup.indicator == indicator)
        .order_by(RankGroup.peer_group)
    )
    return [
        GroupQuartiles(peer_group=row.peer_group, peers=row.peers, quartiles=_quartiles(row))
        for row in rows
    ]


def _value(value_e4: int | Decimal | None) -> Decimal | None:
    return None if value_e4 is None else Decimal(value_e4).scaleb(-4)


def _quartiles(row: RankGroup) -> Quartiles | None:
    if row.q1_e4 is None or row.median_e4 is None or row.q3_e4 is None:
        return None
    return Quartiles(row.q1_e4.scaleb(-4), row.median_e4.scaleb(-4), row.q3_e4.scaleb(-4))
