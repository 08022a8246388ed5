"""The lists that records of any form may point to, by the names of `Reference.to`."""

from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session

from shared.domain.appointments.queries import resources
from shared.domain.appointments.rules.resources import Kind
from shared.domain.catalog import queries as catalog
from shared.domain.customers import queries as customers
from shared.records.directories import Directory, Name, by_number, prefixes


def _customer_names(session: Session, ids: Collection[int]) -> Mapping[int, Name]:
    return {
        row.id: Name(number=row.number, words=row.name)
        for row in customers.by_ids(session, ids).values()
    }


def _customers(session: Session, texts: Collection[str]) -> Mapping[str, int]:
    """By number, by phone, or by name and phone as `王小丽 13800001234`."""
    ids = customers.by_numbers(session, {part for text in texts for part in prefixes(text)})
    found = by_number(texts, ids)
    rest = {text: text.split(" ")[-1] for text in texts if text not in found}
    phones = customers.by_phones(session, set(rest.values()))
    for text, phone in rest.items():
        name = text.removesuffix(phone).strip()
        same = [row.id for row in phones.get(phone, []) if not name or row.name == name]
        if len(same) == 1:
            found[text] = same[0]
    return found


def _item_names(session: Session, ids: Collection[int]) -> Mapping[int, Name]:
    return {
        row.id: Name(number=row.code, words=row.name)
        for row in catalog.by_ids(session, ids).values()
    }


def _items(session: Session, texts: Collection[str]) -> Mapping[str, int]:
    written = {part for text in texts for part in prefixes(text)}
    offers = catalog.offers_by_texts(session, written)
    return by_number(texts, {text: offer.id for text, offer in offers.items()})


def _resources(kind: Kind) -> Directory:
    """Rooms or devices: their name is all there is to tell."""
    return Directory(
        resource="F03",
        names=lambda session, ids: {
            one.id: Name(number=one.name, words="")
            for one in resources.by_ids(session, ids).values()
        },
        by_texts=lambda session, texts: resources.by_names(session, kind, texts),
    )


DIRECTORIES: dict[str, Directory] = {
    "customers": Directory(resource="F04", names=_customer_names, by_texts=_customers),
    "items": Directory(resource="catalog", names=_item_names, by_texts=_items),
    "places": _resources(Kind.PLACE),
    "devices": _resources(Kind.DEVICE),
}
