"""The post against a real mail server: sent once, tried four times, quiet when there is none."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tenants.people import account_mails
from tenants.registry import Tenant
from tenants.services import service
from tests.factories.tenants import new_person
from tests.mailbox import Mailbox, certificate_in, mail_server, told
from workers.outgoing import mail
from workers.outgoing.post import Post

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def box(store: Tenant) -> Iterator[Mailbox]:
    """A mail server, and nothing that waits."""
    with service("app_auth") as connection:
        connection.execute("DELETE FROM registry.account_mails")
    with mail_server() as served:
        yield served


@pytest.fixture
def login(store: Tenant) -> str:
    """Somebody's mail address."""
    name = f"post-{store.slug}@example.test"
    new_person((store, "FD"), login=name)
    return name


def waiting() -> int:
    """Count what waits."""
    with service("app_auth") as connection:
        row = connection.execute("SELECT count(*) AS n FROM registry.account_mails").fetchone()
    assert row
    return int(row["n"])


def test_a_mail_is_sent_once_by_however_many_posts(box: Mailbox, login: str) -> None:
    for _ in range(3):
        account_mails.ask("reset", login, locale="en", now=NOW)
    posts = [Post() for _ in range(2)]

    assert [post.step(NOW) for post in posts] == [True, True]
    assert posts[0].step(NOW)
    assert not posts[1].step(NOW)

    assert len(box.taken) == 3
    assert len({mail["Message-ID"] for mail in box.taken}) == 3
    assert box.taken[0]["Auto-Submitted"] == "auto-generated"
    assert waiting() == 0


def test_a_server_that_refuses_is_tried_again_with_longer_pauses(box: Mailbox, login: str) -> None:
    account_mails.ask("reset", login, locale="zh", now=NOW)
    box.refusals = ["451 later"] * 3
    post, at, gaps = Post(), NOW, []
    for pause in account_mails.PAUSES:
        assert post.step(at)
        assert not post.step(at + pause - timedelta(seconds=1))
        at += pause
        gaps.append(len(box.taken))

    assert post.step(at)

    assert gaps == [0, 0, 0]
    assert len(box.taken) == 1
    assert waiting() == 0


def test_what_was_refused_four_times_is_given_up(box: Mailbox, login: str) -> None:
    account_mails.ask("reset", login, locale="zh", now=NOW)
    box.refusals = ["550 no"] * 9

    assert [Post().step(NOW + timedelta(hours=n)) for n in range(6)] == [True] * 4 + [False] * 2
    assert waiting() == 0
    assert box.taken == []


def test_a_server_that_is_away_loses_nothing(login: str, box: Mailbox) -> None:
    account_mails.ask("reset", login, locale="zh", now=NOW)
    with told("smtp://127.0.0.1:1"):
        assert Post().step(NOW)
    assert waiting() == 1
    assert Post().step(NOW + timedelta(minutes=1))
    assert len(box.taken) == 1


def test_an_unknown_name_and_one_without_mail_get_nothing(box: Mailbox, store: Tenant) -> None:
    new_person((store, "FD"), login=f"no-mail-{store.slug}")
    for name in (f"no-mail-{store.slug}", "nobody@example.test"):
        account_mails.ask("reset", name, locale="zh", now=NOW)

    assert [Post().step(NOW) for _ in range(3)] == [True, True, False]
    assert box.taken == []
    assert waiting() == 0


def test_a_server_with_tls_and_a_password_is_used_and_a_false_one_is_not(
    box: Mailbox, login: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, context = certificate_in(tmp_path)
    account_mails.ask("reset", login, locale="zh", now=NOW)
    with mail_server(strict=context) as strict:
        assert Post().step(NOW)
        assert strict.taken == []  # nobody vouches for it

        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        assert Post().step(NOW + timedelta(minutes=1))
        assert strict.recipients == [[login]]
    assert box.taken == []


def test_an_installation_without_a_mail_server_sends_nothing() -> None:
    with told("smtp://127.0.0.1:1"):
        message = mail.written(to="a@example.test", subject="x", body="x", message_id="1")
    with pytest.raises(mail.NoMail):
        mail.send(message)


@pytest.mark.parametrize("bad", ["a@example.test\r\nBcc: b@example.test", "a\nb"])
def test_a_line_break_never_reaches_a_header(box: Mailbox, bad: str) -> None:
    for fields in ({"to": bad, "subject": "x"}, {"to": "a@example.test", "subject": bad}):
        with pytest.raises(ValueError, match=r"linefeed|newline|line"):
            mail.written(body="x", message_id="1", **fields)


def test_without_a_server_nothing_is_taken_and_a_day_later_it_is_forgotten(
    store: Tenant, login: str
) -> None:
    account_mails.ask("reset", login, locale="zh", now=NOW)
    assert not Post().step(NOW)
    assert waiting() == 1
    assert not Post().step(NOW + timedelta(days=2))
    assert waiting() == 0
