"""F04: consents, one phone a person, guests under age, late profiles, merging and back."""

import dataclasses
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.domain.customers import queries
from shared.domain.customers.service import merging, watching
from shared.domain.customers.service.profiles import PROFILES
from shared.errors import FormInvalid
from shared.records import judging, service
from shared.records import queries as records
from tests.factories.records import NOW, TODAY, editor, profile
from tests.factories.sales import new_customer


def keep(session: Session, **more: Any) -> Any:
    """Keep a profile."""
    return service.keep_new(session, PROFILES, typed=profile(**more), by=editor())


def refused_codes(session: Session, **more: Any) -> set[tuple[str, str]]:
    """Name what is refused of a profile."""
    with pytest.raises(FormInvalid) as refused:
        keep(session, **more)
    return {(p.field, p.code) for p in refused.value.problems}


def test_a_whole_profile_is_complete_and_found_by_pinyin_initials(store_session: Session) -> None:
    row = keep(store_session)
    assert (row.number, row.phone, row.is_complete) == ("F04-202506-0001", "13812345678", True)
    assert row.no_call_times == ["12:00-14:00", "20:00-10:00"]
    for text_typed in ("wxl", "wangxiao", "小丽", "5678"):
        found = records.page(store_session, PROFILES, records.Asked(text=text_typed))
        assert [one.id for one in found] == [row.id]


def test_health_stays_closed_without_its_own_consent(store_session: Session) -> None:
    assert refused_codes(store_session, consent_sensitive=False) == {
        ("skin_type", "CONSENT"), ("allergies", "CONSENT"), ("contraindications", "CONSENT"),
    }  # fmt: skip
    blank = {"skin_type": None, "allergies": None, "contraindications": None}
    assert keep(store_session, consent_sensitive=False, **blank).is_complete
    assert refused_codes(store_session, phone="13900000000", **blank) == {
        ("skin_type", "REQUIRED"), ("allergies", "REQUIRED"), ("contraindications", "REQUIRED"),
    }  # fmt: skip


def test_who_may_not_fill_in_health_is_not_asked_for_it_and_the_profile_waits(
    store_session: Session,
) -> None:
    blank = {"skin_type": None, "allergies": None, "contraindications": None}
    desk = dataclasses.replace(editor(), permits=lambda resource, verb: resource != "F04_health")

    row = service.keep_new(store_session, PROFILES, typed=profile(**blank), by=desk)

    assert (row.consent_sensitive, row.is_complete) == (True, False)


def test_everything_else_that_can_be_wrong(store_session: Session) -> None:
    assert refused_codes(
        store_session, registered_on="2025-06-11", birthday="2025-07-01", source="REFERRAL",
        consent_service=False, contraindications=["NONE", "HEART"], phone="12345",
    ) == {
        ("registered_on", "FUTURE"), ("birthday", "FUTURE"), ("referrer", "REQUIRED"),
        ("consent_service", "CONSENT"), ("contraindications", "ENUM"), ("phone", "TYPE"),
    }  # fmt: skip
    assert refused_codes(store_session, birthday="1900-01-01") == {("birthday", "RANGE")}
    assert refused_codes(store_session, birthday="2012-01-01") == {("guardian_name", "CONSENT")}
    assert keep(store_session, birthday="--02-29").birthday == "--02-29"


def test_a_phone_is_one_persons_also_in_the_database(store_session: Session) -> None:
    first = keep(store_session)
    with pytest.raises(FormInvalid) as refused:
        keep(store_session, name="李四")
    [problem] = refused.value.problems
    assert (problem.field, problem.code) == ("phone", "DUPLICATE")
    assert first.number in problem.message_zh
    service.void(store_session, PROFILES, record_id=first.id, version=1, reason="重复", by=editor())
    assert keep(store_session, name="李四").phone == "13812345678"


def test_a_prospect_becomes_a_profile_and_keeps_the_number(store_session: Session) -> None:
    prospect = new_customer(store_session, "王丽")
    typed = profile()
    row = service.keep_change(
        store_session, PROFILES, record_id=prospect.id, version=1, typed=typed, by=editor()
    )
    assert (row.id, row.number, row.is_complete) == (prospect.id, f"C{prospect.id:06d}", True)


def test_a_beautician_with_forty_guests_is_doubted(store_session: Session) -> None:
    chosen = "00000000-0000-0000-0000-000000000005"
    for n in range(40):
        keep(store_session, phone=f"139{n:08d}", preferred_staff=chosen)
    with pytest.raises(judging.NeedsConfirmation):
        keep(store_session, preferred_staff=chosen)
    agreed = [{"field": "preferred_staff", "code": "LIMIT", "reason": "老客户"}]
    row = keep(store_session, preferred_staff=chosen, confirmations=agreed)
    assert records.history(store_session, PROFILES, row.id)[0].reason == "LIMIT: 老客户"


def test_two_profiles_become_one_and_two_again_within_thirty_days(store_session: Session) -> None:
    kept = keep(store_session, wechat=None)
    gone = keep(store_session, phone="13900000000", wechat="wang", occupation="教师")
    made = merging.merge(
        store_session, kept_id=kept.id, gone_id=gone.id, reason="同一人", by=editor()
    )
    assert (kept.wechat, kept.occupation, gone.state) == ("wang", "教师", "VOID")
    assert queries.same_person(store_session, kept.id) == {kept.id, gone.id}
    with pytest.raises(merging.MergeImpossible):
        merging.merge(store_session, kept_id=kept.id, gone_id=gone.id, reason="又", by=editor())
    kept.occupation = "校长"  # changed since: stays
    merging.unmerge(store_session, merge_id=made.id, by=editor(now=NOW + timedelta(days=30)))
    assert (kept.wechat, kept.occupation, gone.state) == (None, "校长", "SUBMITTED")
    assert queries.same_person(store_session, kept.id) == {kept.id}
    with pytest.raises(merging.TooLateToUndo):
        merging.unmerge(store_session, merge_id=made.id, by=editor())


def test_after_thirty_days_a_merge_stays(store_session: Session) -> None:
    kept, gone = keep(store_session), keep(store_session, phone="13900000000")
    made = merging.merge(
        store_session, kept_id=kept.id, gone_id=gone.id, reason="同一人", by=editor()
    )
    late = editor(now=NOW + timedelta(days=30, seconds=1))
    with pytest.raises(merging.TooLateToUndo):
        merging.unmerge(store_session, merge_id=made.id, by=late)


def test_late_profiles_are_told_of_once_by_part(store_session: Session) -> None:
    blank = {"skin_type": None, "allergies": None, "contraindications": None}
    keep(store_session, consent_sensitive=False, **blank)
    keep(store_session, phone="13900000000")
    queries_told = {
        day: watching.watch_profiles(store_session, day=TODAY + timedelta(days=day))
        for day in (2, 3, 4, 7)
    }
    assert queries_told == {2: 0, 3: 0, 4: 0, 7: 1}


def test_an_imported_guest_is_nobodys_work_and_a_typed_one_is(store_session: Session) -> None:
    new_customer(store_session)
    assert watching.watch_profiles(store_session, day=date(2025, 6, 13)) == 0
    store_session.execute(
        text("UPDATE customers SET created_by = :who, business_date = '2025-06-10'"),
        {"who": "00000000-0000-0000-0000-000000000001"},
    )
    assert watching.watch_profiles(store_session, day=date(2025, 6, 13)) == 1
