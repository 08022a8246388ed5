"""Messages that leave the house, to real servers: once held back, tried again, given up, merged."""

import base64
import hashlib
import hmac
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from shared.domain.notifications.rules import endpoints as rules
from shared.domain.notifications.rules.endpoints import Kind, Secrets
from shared.domain.notifications.service import endpoints, preferences, sending
from shared.events.notices import Notify
from tenants import provisioning, vault
from tenants.people import accounts
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.tenants import new_person, new_store
from tests.workers.notifications.conftest import NOON, SECRET, add_endpoint, rows, tell
from tests.workers.notifications.receivers import MailServer, Receiver, receiving
from workers.outgoing import carriers
from workers.testing import drain

LATER = NOON + timedelta(minutes=10)  # when what waits for others of its kind goes out
KEY = "a1b2c3d4-1111-2222-3333-444455556666"


def month(key: str = "2025-05/1", state: str = "已关账") -> Notify:
    return Notify(
        event="month.closed",
        key=key,
        facts={"month": "2025-05", "state": state},
        facts_en={"state": "closed"},
    )


def variance(key: str = "2025-06-09") -> Notify:
    return Notify(event="cash.variance", key=key, facts={"date": key, "amount": "-250.00"})


def outside(store: Tenant, *channels: str) -> list[tuple[str, str | None, int]]:
    """State, reason and tries of the messages by these channels."""
    return [(row.state, row.reason, row.attempts) for row in rows(store) if row.channel in channels]


def test_a_mail_comes_in_the_readers_language_ten_minutes_later(
    store: Tenant, mail: MailServer
) -> None:
    chinese = new_person((store, "MGR"))
    english = new_person((store, "MGR"), login=f"{time.monotonic_ns()}@example.test")
    accounts.set_locale(english, "en")

    tell(store, month())
    assert mail.taken == []
    drain(store, now=LATER)

    subjects = sorted(str(taken["Subject"]) for taken in mail.taken)
    assert subjects == sorted(
        [
            f"{store.display_name}: {store.display_name}2025-05账期:已关账",
            f"{store.display_name}: {store.display_name} 2025-05: closed",
        ]
    )
    body = mail.taken[0].get_body()
    assert body is not None
    assert f"/s/{store.slug}/notices" in body.get_content()
    assert len({to for (to,) in mail.recipients}) == 2
    assert outside(store, "MAIL") == [("SENT", None, 1)] * 2
    assert drain(store, now=LATER + timedelta(days=1)) == []
    assert chinese != english


def test_what_was_typed_is_no_header_of_a_mail(store: Tenant, mail: MailServer) -> None:
    new_person((store, "MGR"))
    tell(store, month(state="已关账\r\nBcc: thief@example.test\r\n\r\nforged"))
    drain(store, now=LATER)

    (taken,) = mail.taken
    assert taken["Bcc"] is None
    assert "\n" not in str(taken["Subject"])
    assert len(mail.recipients[0]) == 1


def test_two_of_a_kind_become_one_mail_with_a_count(store: Tenant, mail: MailServer) -> None:
    new_person((store, "MGR"))

    tell(store, month("2025-05/1"))
    tell(store, month("2025-05/2", "已重开"), now=NOON + timedelta(minutes=9))
    drain(store, now=LATER)

    (taken,) = mail.taken
    assert str(taken["Subject"]).startswith(f"{store.display_name}: (2) ")
    assert rows(store)[-1].count == 2


def test_quiet_hours_hold_back_all_but_cash_and_major_complaints(
    store: Tenant, mail: MailServer, receiver: Receiver
) -> None:
    new_person((store, "MGR"), login=f"138{time.monotonic_ns() % 10**8:08d}")
    add_endpoint(store, Kind.SMS, receiver.url())
    night = datetime(2025, 6, 10, 23, 30, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
    morning = night + timedelta(hours=8, minutes=30)

    urgent = Notify(event="complaint.major", key="1", facts={"no": "F06-1", "category": "烫伤"})
    tell(store, month(), variance(), urgent, now=night)

    due = {row.event: row.due_at for row in rows(store) if row.channel == "APP"}
    assert due == {"month.closed": morning, "cash.variance": night, "complaint.major": night}
    (sms,) = receiver.posts
    assert "重大投诉" in sms.json["data"]["text"]


def test_a_mail_server_that_is_away_is_asked_again_after_1_5_and_30_minutes(
    store: Tenant, mail: MailServer
) -> None:
    new_person((store, "MGR"))
    tell(store, month())
    mail.refuses = "451 busy"

    now, pauses = LATER, []
    for _ in range(4):
        drain(store, now=now)
        (row,) = [one for one in rows(store) if one.channel == "MAIL"]
        pauses.append(int((row.due_at - now).total_seconds() // 60))
        assert drain(store, now=row.due_at - timedelta(seconds=1)) == []
        now = max(row.due_at, now)

    assert pauses[:3] == [1, 5, 30]
    assert outside(store, "MAIL") == [("FAILED", "RecipientRefused", 4)]
    assert drain(store, now=now + timedelta(days=1)) == []

    mail.refuses = ""
    with tenant_session(store) as session:
        sending.send_again(session, row.id, now=now)
        session.commit()
    drain(store, now=now)
    assert outside(store, "MAIL") == [("SENT", None, 1)]


def test_a_second_try_and_a_late_worker_disturb_nobody_at_night(
    store: Tenant, mail: MailServer
) -> None:
    new_person((store, "MGR"))
    evening = datetime(2025, 6, 10, 21, 45, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
    morning = evening + timedelta(hours=10, minutes=15)
    mail.refuses = "451 busy"
    tell(store, month(), now=evening)  # due at 21:55, and again at 21:56
    for minutes in (10, 11):
        drain(store, now=evening + timedelta(minutes=minutes))
    assert outside(store, "MAIL") == [("WAITING", "RecipientRefused", 2)]

    mail.refuses = ""
    drain(store, now=evening + timedelta(minutes=20))  # 22:05
    assert mail.taken == []
    (row,) = [one for one in rows(store) if one.channel == "MAIL"]
    assert (row.due_at, row.attempts) == (morning, 2)  # waiting is no try

    drain(store, now=morning)
    assert len(mail.taken) == 1
    assert outside(store, "MAIL") == [("SENT", None, 3)]


def test_an_address_that_does_not_exist_is_not_tried_again(store: Tenant, mail: MailServer) -> None:
    new_person((store, "MGR"))
    mail.refuses = "550 no such user"
    tell(store, month())
    drain(store, now=LATER)
    assert outside(store, "MAIL") == [("FAILED", "RecipientRefused", 1)]


def test_without_a_mail_server_or_address_the_log_says_so(store: Tenant) -> None:
    new_person((store, "MGR"), login=f"manager-{time.monotonic_ns()}")
    tell(store, month(), Notify(event="complaint.overdue", key="1"))
    assert outside(store, "MAIL") == [("WITHHELD", "NOT_SET_UP", 0)]
    assert outside(store, "SMS") == [("WITHHELD", "NOT_SET_UP", 0)]


def test_a_switched_off_channel_stays_silent_but_for_what_obliges(
    store: Tenant, mail: MailServer
) -> None:
    person = new_person((store, "MGR"))
    with tenant_session(store) as session:
        preferences.choose_channels(session, person_id=person, wanted=frozenset(), now=NOON)
        session.commit()

    survey = Notify(event="survey.opened", key="1", facts={"title": "需求", "due": "06-20"})
    tell(store, month(), survey, variance())
    drain(store, now=LATER)

    assert {(r.event, r.channel): r.state for r in rows(store)} == {
        ("month.closed", "APP"): "WITHHELD",
        ("month.closed", "MAIL"): "WITHHELD",
        ("survey.opened", "APP"): "SENT",
        ("survey.opened", "MAIL"): "SENT",
        ("cash.variance", "APP"): "SENT",
    }
    assert len(mail.taken) == 1


def test_a_webhook_is_signed_and_keeps_its_id_at_every_try(
    store: Tenant, receiver: Receiver
) -> None:
    add_endpoint(store, Kind.WEBHOOK, receiver.url(), topics=("month",))
    receiver.answers = [500, 200]
    now = datetime.now(UTC)

    tell(store, month(), variance(), now=now)
    drain(store, now=now + timedelta(minutes=1))

    first, second = receiver.posts
    for post in (first, second):
        assert post.json["type"] == "month.closed"
        assert post.json["data"]["text_zh"].endswith("2025-05账期:已关账")
        Webhook(SECRET).verify(post.body, post.headers)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert outside(store, "HOOK") == [("SENT", None, 2)]
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(first.body + b" ", first.headers)


def test_both_secrets_sign_for_a_day_after_a_rotation(store: Tenant, receiver: Receiver) -> None:
    now, fresh = datetime.now(UTC), "whsec_" + base64.b64encode(b"n" * 24).decode()
    made = add_endpoint(store, Kind.WEBHOOK, receiver.url())
    with tenant_session(store) as session:
        kept = rules.packed(Secrets(secret=SECRET).rotated(fresh, now=now))
        endpoints.reseal_endpoint(
            session, made, sealed=vault.sealed(kept, purpose=rules.PURPOSE, owner=str(made))
        )
        session.commit()

    tell(store, month("1"), now=now)
    (post,) = receiver.posts
    for secret in (fresh, SECRET):
        Webhook(secret).verify(post.body, post.headers)
    rotated = Secrets(secret=SECRET).rotated(fresh, now=now)
    assert rotated.signing(now + timedelta(hours=25)) == [fresh]


def test_a_redirect_to_an_inner_address_is_not_followed(store: Tenant, receiver: Receiver) -> None:
    with receiving() as inner:
        receiver.answers = [(307, {"Location": inner.url("/admin")}, b"")]
        add_endpoint(store, Kind.WEBHOOK, receiver.url())
        tell(store, month())
        assert len(receiver.posts) == 1
        assert inner.posts == []
    assert outside(store, "HOOK") == [("WAITING", "Http307", 1)]


def test_an_endpoint_that_always_fails_is_paused_then_off_and_the_manager_hears(
    store: Tenant, receiver: Receiver
) -> None:
    new_person((store, "MGR"))
    made = add_endpoint(store, Kind.WEBHOOK, receiver.url())
    receiver.answers = [500]
    now = NOON
    for number in range(10):
        tell(store, month(str(number)), now=now)
        now += timedelta(minutes=31)
        drain(store, now=now)
        if not rows(store, "notice_endpoints")[0].is_on:
            break

    (endpoint,) = rows(store, "notice_endpoints")
    assert (endpoint.id, endpoint.is_on, endpoint.failures) == (made, False, 10)
    assert len(receiver.posts) == 10
    drain(store, now=now + timedelta(hours=2))
    assert len(receiver.posts) == 10
    assert "WAITING" not in {row.state for row in rows(store)}
    assert [r.text_en for r in rows(store) if r.event == "channel.off"] == [
        "The channel 店群 failed again and again and is off now."
    ]


@pytest.mark.parametrize("kind", [Kind.WECOM, Kind.DINGTALK, Kind.FEISHU])
def test_robots_of_chat_groups_get_their_own_words_and_signatures(
    store: Tenant, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    monkeypatch.setitem(carriers.ROBOTS, kind, receiver.url("/robot?key={key}"))
    code = "code" if kind is Kind.FEISHU else "errcode"
    receiver.answers = [(200, {}, b'{"%s": %d}' % (code.encode(), n)) for n in (9499, 0)]
    key = "ab" * 32 if kind is Kind.DINGTALK else KEY
    secret = "" if kind is Kind.WECOM else "SEC1234567890"
    add_endpoint(store, kind, secrets=Secrets(key=key, secret=secret), locale="en")

    tell(store, variance())
    assert outside(store, "BOT") == [("WAITING", "Robot9499", 1)]
    drain(store, now=NOON + timedelta(minutes=1))
    assert outside(store, "BOT") == [("SENT", None, 2)]

    post, text = receiver.posts[0], "Cash variance -250.00 on 2025-06-09."
    assert post.path.startswith(f"/robot?key={key}")
    if kind is Kind.FEISHU:
        assert post.json["content"] == {"text": text}
        stamp = post.json["timestamp"]
        assert stamp == str(int(NOON.timestamp()))
        sign = hmac.digest(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256)
        assert post.json["sign"] == base64.b64encode(sign).decode()
    else:
        assert post.json == {"msgtype": "text", "text": {"content": text}}
        assert ("&timestamp=" in post.path) == (kind is Kind.DINGTALK)


def test_a_text_goes_through_the_stores_gateway_to_the_phone(
    store: Tenant, receiver: Receiver
) -> None:
    phone = f"+86139{time.monotonic_ns() % 10**8:08d}"
    new_person((store, "MGR"), login=phone)
    add_endpoint(store, Kind.SMS, receiver.url())

    tell(store, Notify(event="cash.unclosed", key="2025-06-09", facts={"date": "2025-06-09"}))

    (post,) = receiver.posts
    Webhook(SECRET)
    assert post.json["type"] == "sms.send"
    assert post.json["data"] == {
        "to": phone,
        "text": "2025-06-09日结未完成。",
        "event": "cash.unclosed",
        "locale": "zh",
    }


def test_a_message_the_gateway_refuses_does_not_count_against_it(
    store: Tenant, receiver: Receiver
) -> None:
    new_person((store, "MGR"), login=f"137{time.monotonic_ns() % 10**8:08d}")
    add_endpoint(store, Kind.SMS, receiver.url())
    receiver.answers = [422]

    tell(store, Notify(event="cash.unclosed", key="2025-06-09"))

    assert outside(store, "SMS") == [("FAILED", "Http422", 1)]
    assert rows(store, "notice_endpoints")[0].failures == 0


def test_a_job_that_names_another_tenants_message_sends_nothing(
    store: Tenant, mail: MailServer
) -> None:
    other = new_store()
    new_person((store, "MGR"))
    tell(store, month())
    (row,) = [one for one in rows(store) if one.channel == "MAIL"]
    with tenant_session(other) as session:
        assert sending.take(session, row.id, zone=store.time_zone, now=LATER) is None
    assert mail.taken == []


def test_a_worker_that_dies_while_sending_sends_again_under_the_same_id(
    store: Tenant, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_endpoint(store, Kind.WEBHOOK, receiver.url())
    settle = sending.settle

    def killed(*_: object, **__: object) -> None:
        raise RuntimeError("after the post, before the end")

    monkeypatch.setattr(sending, "settle", killed)
    tell(store, month())
    monkeypatch.setattr(sending, "settle", settle)
    drain(store, now=datetime.now(UTC) + timedelta(hours=1))

    first, second = receiver.posts
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert outside(store, "HOOK") == [("SENT", None, 2)]


def test_someone_who_left_gets_no_mail(store: Tenant, mail: MailServer) -> None:
    person: UUID = new_person((store, "MGR"))
    tell(store, month())
    provisioning.revoke_role(person, store, "MGR")
    drain(store, now=LATER)
    assert mail.taken == []
    assert outside(store, "MAIL") == [("WITHHELD", "GONE", 1)]
