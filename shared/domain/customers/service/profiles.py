"""The register of customer profiles and what it asks beyond the declaration.

Form: F04.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from shared.domain.customers import queries
from shared.domain.customers.forms.profile import Profile
from shared.domain.customers.models import Customer
from shared.domain.customers.rules import profile as rules
from shared.domain.customers.rules.choices import Contraindication
from shared.forms.record import State, entered
from shared.records.register import Attempt, Editor, Register, Sitting

SENSITIVE = tuple(
    name for name, field in entered(Profile).items() if field.metadata["class"] == "sensitive"
)


_NOT_YET = 0  # the id of a profile that is good and not written


class Profiles(Sitting):
    """Profiles judged at one sitting: whose the phones are, who referred, who is asked for."""

    def __init__(self, session: Session, attempts: Sequence[Attempt]) -> None:
        super().__init__(session, attempts)
        phones = {a.values["phone"] for a in attempts if _is_new(a, "phone")}
        self._owners = {
            phone: {row.id: row.number for row in rows if row.state != State.VOID}
            for phone, rows in (queries.by_phones(session, phones) if phones else {}).items()
        }
        referrers = {a.values["referrer"] for a in attempts if _is_new(a, "referrer")}
        self._referrers = queries.known(session, referrers) if referrers else set()
        chosen = {a.values["preferred_staff"] for a in attempts if _is_new(a, "preferred_staff")}
        self._guests = Counter(queries.guests_of(session, chosen) if chosen else {})

    def check(self, attempt: Attempt) -> None:
        """Judge one profile."""
        _check_consents(attempt)
        _check_dates(attempt)
        _check_contraindications(attempt)
        self._check_phone(attempt)
        self._check_referrer(attempt)
        self._check_beautician(attempt)
        if attempt.values["no_call_times"] is None:
            attempt.values["no_call_times"] = list(rules.USUAL_NO_CALLS)
        attempt.computed["is_complete"] = rules.is_whole(attempt.values)

    def count_in(self, attempt: Attempt) -> None:
        """Remember whose phone it is now, and who is asked for."""
        before = attempt.before
        if _is_new(attempt, "phone"):
            if before is not None:
                self._owners.get(before.phone, {}).pop(before.id, None)
            owner = before.id if before is not None else _NOT_YET
            self._owners.setdefault(attempt.values["phone"], {})[owner] = ""
        if _is_new(attempt, "preferred_staff"):
            self._guests[attempt.values["preferred_staff"]] += 1

    def _check_phone(self, attempt: Attempt) -> None:
        """Say whose number it is; two desks that type one at once are told by the unique index."""
        if not _is_new(attempt, "phone"):
            return
        owners = self._owners.get(attempt.values["phone"], {})
        before_id = attempt.before.id if attempt.before is not None else None
        others = [number for owner, number in owners.items() if owner != before_id]
        if others and others[0]:
            attempt.refuse(
                "phone", "DUPLICATE",
                zh=f"该电话已登记,请打开档案 {others[0]}",
                en=f"already registered: open profile {others[0]}",
            )  # fmt: skip
        elif others:
            attempt.refuse(
                "phone", "DUPLICATE",
                zh="该电话与前面一份档案相同", en="a profile before this one has the same",
            )  # fmt: skip

    def _check_referrer(self, attempt: Attempt) -> None:
        referrer = attempt.values["referrer"]
        if referrer is None:
            return
        if attempt.before is not None and referrer == attempt.before.id:
            attempt.refuse("referrer", "RANGE", zh="介绍人不能是本人", en="not the guest himself")
        elif _is_new(attempt, "referrer") and referrer not in self._referrers:
            attempt.refuse("referrer", "NOT_FOUND")

    def _check_beautician(self, attempt: Attempt) -> None:
        if not _is_new(attempt, "preferred_staff"):
            return
        assigned = self._guests[attempt.values["preferred_staff"]]
        if assigned >= rules.MOST_GUESTS:
            attempt.warn(
                "preferred_staff", "LIMIT", permission=("F04", "U"),
                zh=f"该美容师已有 {assigned} 位指定顾客",
                en=f"already has {assigned} assigned guests",
            )  # fmt: skip


def _is_new(attempt: Attempt, name: str) -> bool:
    """Tell whether a field has a value that the record, if there is one, has not yet."""
    value = attempt.values[name]
    return value is not None and attempt.was.get(name) != value


def _check_consents(attempt: Attempt) -> None:
    values = attempt.values
    if values["consent_service"] is not True:
        attempt.refuse("consent_service", "CONSENT")
    if not values["consent_sensitive"]:
        for name in SENSITIVE:
            if values[name] is not None:
                attempt.refuse(name, "CONSENT")
    elif values["photos"] is not None and not values["consent_photo"]:
        attempt.refuse("photos", "CONSENT", zh="未取得照片同意", en="no consent to photos")


def _check_dates(attempt: Attempt) -> None:
    values, today = attempt.values, attempt.by.today
    if values["registered_on"] is not None and values["registered_on"] > today:
        attempt.refuse("registered_on", "FUTURE")
    if values["birthday"] is None:
        return
    years = rules.age(values["birthday"], on=today)
    if years is not None and years < 0:
        attempt.refuse("birthday", "FUTURE")
    elif years is not None and years > rules.OLDEST:
        attempt.refuse("birthday", "RANGE")
    elif years is not None and years < rules.GUARDED_BELOW and values["guardian_name"] is None:
        attempt.refuse(
            "guardian_name", "CONSENT",
            zh="未满14周岁,须填写监护人并由其同意", en="under 14: a guardian has to consent",
        )  # fmt: skip


def _check_contraindications(attempt: Attempt) -> None:
    ticked = attempt.values["contraindications"] or []
    if Contraindication.NONE in ticked and len(ticked) > 1:
        attempt.refuse(
            "contraindications", "ENUM",
            zh="“无”不能与其他禁忌同选", en="“none” cannot stand beside others",
        )  # fmt: skip


def _day(values: Mapping[str, Any], by: Editor) -> date:
    day: date | None = values["registered_on"]
    return day or by.today


PROFILES = Register(
    form=Profile,
    model=Customer,
    sitting=Profiles,
    day=_day,
    owners=("consultant", "preferred_staff", "created_by"),
    in_period=False,
    hidden_by="restricted_at",
)
