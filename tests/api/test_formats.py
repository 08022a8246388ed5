"""Days, moments, numbers and money as people read them: by language, clock and currency."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import uuid4

import pytest
from flask import g

from tenants import provisioning
from tenants.provisioning import BadTenant, NewTenant
from tests.api.clients import browser_of
from tests.api.visitors import send
from tests.factories.tenants import new_person
from web.app import App
from web.frame import formats


@pytest.mark.parametrize(
    ("language", "day", "short", "month"),
    [
        ("zh", "2025-06-10 周二", "10 周二", "2025年6月"),
        ("en", "2025-06-10 Tue", "10 Tue", "June 2025"),
    ],
)
def test_days_and_months_speak_the_readers_language(
    app: App, language: str, day: str, short: str, month: str
) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        assert formats.day_text(date(2025, 6, 10)) == day
        assert formats.short_day(date(2025, 6, 10)) == short
        assert formats.month_name(date(2025, 6, 1)) == month


def test_moments_stand_on_the_stores_own_clock() -> None:
    at = datetime(2025, 6, 9, 22, 5, tzinfo=UTC)
    assert formats.moment(at, "Asia/Shanghai") == "2025-06-10 06:05"
    assert formats.clock(at, "Australia/Lord_Howe") == "08:35"
    assert formats.moment(None, "UTC") == formats.NOTHING


def test_numbers_are_grouped_and_rounded_once_half_up() -> None:
    assert formats.count(1_234_567) == "1,234,567"
    assert formats.percent(Fraction(1, 3)) == "33.33%"
    assert formats.percent(Decimal("0.12345")) == "12.35%"
    assert formats.growth(Decimal("0.125")) == "+12.50%"
    assert formats.percent(None) == formats.NOTHING


@pytest.mark.parametrize(
    ("currency", "zh", "en"),
    [
        ("CNY", "-¥12,345.60", "-¥12,345.60"),
        ("HKD", "-HK$12,345.60", "-HK$12,345.60"),
        ("USD", "-US$12,345.60", "-$12,345.60"),
        ("MYR", "-MYR\N{NO-BREAK SPACE}12,345.60", "-MYR\N{NO-BREAK SPACE}12,345.60"),
    ],
)
def test_money_has_the_sign_of_the_stores_currency(
    app: App, currency: str, zh: str, en: str
) -> None:
    described = NewTenant(
        slug=f"c-{uuid4().hex[:12]}", display_name="店", code="001", currency=currency
    )
    store = provisioning.create_store(described)
    for language, text in (("zh", zh), ("en", en)):
        with app.test_request_context(headers={"Accept-Language": language}):
            g.tenant = store
            assert formats.money(-1_234_560) == text
    client = browser_of(app, new_person((store, "MGR")))
    sign = zh[1 : zh.index("1")]
    assert f'data-money="{sign}"' in client.get(f"/s/{store.slug}/").text


@pytest.mark.parametrize("currency", ["JPY", "KWD", "cny", "", "YUAN"])
def test_a_currency_without_hundredths_is_refused(currency: str) -> None:
    with pytest.raises(BadTenant):
        provisioning.create_store(
            NewTenant(
                slug=f"c-{uuid4().hex[:12]}", display_name="店", code="001", currency=currency
            )
        )


@pytest.mark.shares_store
def test_everyone_keeps_the_language_once_chosen(app: App, store: object) -> None:
    person = new_person((store, "FD"))  # type: ignore[arg-type]
    first, later = browser_of(app, person), browser_of(app, person)
    assert '<html lang="zh-CN">' in first.get("/account").text

    assert send(first, "/language", language="en", next="/account").location == "/account"

    for client in (first, later):
        assert '<html lang="en">' in client.get("/account").text
    send(first, "/language", language="zh")
    assert '<html lang="zh-CN">' in later.get("/account").text
