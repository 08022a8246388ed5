"""Texts, recipients, quiet hours."""

from datetime import UTC, datetime, time
from uuid import uuid4

import pytest

from shared.domain.notifications.rules import catalogue, delivery, people, texts
from shared.domain.notifications.rules.catalogue import Channel
from shared.domain.notifications.rules.people import Member
from shared.events.messages import from_wire, to_wire
from shared.events.notices import MOST_FACTS, Notify


def member(*roles: str) -> Member:
    return Member(id=uuid4(), roles=frozenset(roles), locale="zh")


def test_every_event_says_something_in_both_languages_to_somebody() -> None:
    for event in catalogue.events().values():
        for text in (event.staff, event.guest_text):
            assert text.zh
            assert text.en
        assert event.channels or event.guest, event.name
        assert set(texts.placeholders(event.staff.en)) <= set(
            texts.placeholders(event.staff.zh)
        ) | {"store"}, event.name
        assert event.purpose in ("service", "marketing")
        assert event.passes in ("never", "urgent", "always")


def test_the_table_is_that_of_the_specification() -> None:
    assert len(catalogue.events()) == 92  # 89 of the specification, three of ours
    variance = catalogue.event("cash.variance")
    assert (variance.roles, variance.hq) == (frozenset({"MGR"}), frozenset({"HQA"}))
    assert catalogue.event("complaint.received").channels_for(is_urgent=True) == (
        Channel.APP,
        Channel.SMS,
    )
    with pytest.raises(catalogue.NoSuchEvent):
        catalogue.event("cash.burnt")


def test_only_placeholders_are_filled_and_values_stay_as_they_are() -> None:
    facts = {"name": "{no} %s {{x}} ${y}", "no": "1\r\nBcc: a@b.c"}
    assert texts.filled("{name}|{no}|{missing}|{0}|{no.real}", facts) == (
        "{no} %s {{x}} ${y}|1 Bcc: a@b.c|—|{0}|{no.real}"
    )


def test_a_merged_message_counts_and_shows_the_first_ones() -> None:
    assert texts.merged(["a"], 1) == "a"
    assert texts.merged(["a", "b"], 2) == "(2) a\nb"
    assert texts.merged([str(n) for n in range(7)], 7) == "(7) 0\n1\n2\n3\n4\n… +2"


def test_roles_of_the_event_hear_and_named_people_replace_the_named_roles() -> None:
    desk, manager, own, other = member("FD"), member("MGR"), member("CON"), member("CON")
    everybody = (desk, manager, own, other)
    event = catalogue.event("profile.overdue")

    def heard(notice: Notify, among: tuple[Member, ...] = everybody) -> list[Member]:
        return people.staff_for(event, notice, among)

    assert heard(Notify(event=event.name, key="1")) == [desk, own, other]
    assert heard(Notify(event=event.name, key="1", to_people=(own.id,))) == [desk, own]
    assert heard(Notify(event=event.name, key="1", to_roles=("MGR",))) == [manager]
    assert heard(Notify(event=event.name, key="1"), (manager,)) == [manager]
    assert heard(Notify(event=event.name, key="1", to_people=(uuid4(),)), (manager,)) == [manager]


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("21:59", None),
        ("22:00", "08:00+1"),
        ("23:30", "08:00+1"),
        ("00:30", "08:00"),
        ("07:59", "08:00"),
        ("08:00", None),
    ],
)
def test_quiet_hours_end_in_the_morning(at: str, due: str | None) -> None:
    # Shanghai is eight hours ahead
    local = datetime.fromisoformat(f"2025-06-10T{at}:00+08:00").astimezone(UTC)
    released = delivery.after_quiet(local, zone="Asia/Shanghai", begins=time(22), ends=time(8))
    if due is None:
        assert released == local
    else:
        day = 11 if due.endswith("+1") else 10
        assert released == datetime(2025, 6, day, 0, 0, tzinfo=UTC)


def test_equal_ends_mean_no_quiet_hours() -> None:
    at = datetime(2025, 6, 10, 15, tzinfo=UTC)
    assert delivery.after_quiet(at, zone="UTC", begins=time(8), ends=time(8)) == at


def test_tries_are_one_five_and_thirty_minutes_apart() -> None:
    pauses = [delivery.pause_after(n) for n in (1, 2, 3)]
    assert [pause.total_seconds() / 60 for pause in pauses if pause] == [1, 5, 30]
    assert delivery.pause_after(4) is None


def test_a_notice_survives_the_wire_and_never_grows_too_long() -> None:
    sent = Notify(event="a.b", key="1", facts={"x": "1"}, to_people=(uuid4(),), is_urgent=True)
    assert from_wire(Notify, to_wire(sent)) == sent

    long = Notify(event="a.b", key="1", facts={str(n): "长" * 5000 for n in range(12)})
    assert sum(len(f"{name}{text}".encode()) for name, text in long.facts.items()) <= MOST_FACTS
    with pytest.raises(ValueError, match="too much"):
        Notify(event="a.b", key="x" * 120)
