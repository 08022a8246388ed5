"""The pages of declared forms: made from the declaration, nothing typed is ever lost."""

import html
import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from shared.domain.catalog.service.handouts import HANDOUTS
from shared.domain.customers.service.profiles import PROFILES
from shared.domain.registers import REGISTERS
from shared.records import queries, service
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import browser_of, csrf_of
from tests.api.counting import counted
from tests.factories.records import ANNA, editor, handout, png, profile
from tests.factories.tenants import new_hq, new_person, new_store
from web.app import App

ENTERED = (one.form.sheet for one in REGISTERS)
PATHS = tuple(one.path for one in ENTERED if not (one.is_made or one.is_hand_made))


def signed_in(app: App, *roles: tuple[Tenant, Role]) -> FlaskClient:
    """A browser of somebody with these roles; every form it sends carries its token."""
    client = browser_of(app, new_person(*roles))
    client.environ_base["HTTP_X_CSRFTOKEN"] = csrf_of(client, roles[0][0])["X-CSRFToken"]
    return client


def kept_profile(store: Tenant, **more: Any) -> int:
    """Keep a profile; gives its id."""
    with tenant_session(store) as session:
        row = service.keep_new(session, PROFILES, typed=profile(**more), by=editor())
        session.commit()
        return int(row.id)


def kept_handouts(store: Tenant, count: int = 1, **more: Any) -> list[int]:
    """Keep some handouts; gives their ids."""
    with tenant_session(store) as session:
        typed = handout(session, **more)
        rows = [service.keep_new(session, HANDOUTS, typed=typed, by=editor()) for _ in range(count)]
        session.commit()
        return [row.id for row in rows]


@pytest.mark.parametrize("path", PATHS)
def test_an_empty_list_says_how_to_begin(app: App, store: Tenant, path: str) -> None:
    shown = signed_in(app, (store, "FD")).get(f"/s/{store.slug}/{path}")

    assert shown.status_code == 200
    assert f'href="/s/{store.slug}/{path}/new"' in shown.text


@pytest.mark.parametrize("path", PATHS)
def test_an_empty_form_tells_all_that_is_missing(app: App, store: Tenant, path: str) -> None:
    desk = signed_in(app, (store, "FD"))
    shown = desk.get(f"/s/{store.slug}/{path}/new")
    fields = re.search(r'name="fields" value="([^"]*)"', shown.text)
    assert fields

    answer = desk.post(f"/s/{store.slug}/{path}", data={"fields": fields[1]})

    assert answer.status_code == 422
    assert answer.text.count('class="field-error"') >= 1


def sent_profile(**more: Any) -> dict[str, Any]:
    """A profile as a browser sends it."""
    person = str(more.pop("person", ANNA))
    typed = {
        "registered_on": "2025-06-10", "front_desk_no": person, "name": "王小丽", "gender": "F",
        "birthday": "5-20", "phone": "138 0000 1234", "source": "PASSBY", "consultant": person,
        "consent_service": "true", "customer_sign": "00000000-0000-0000-0000-000000000009",
        "no_call_times": "12:00-14:00，20:00 - 9:00", "channel_pref": ["PHONE", "SMS"], **more,
    }  # fmt: skip
    return {"fields": " ".join(typed), **typed}


def signature(client: FlaskClient, store: Tenant) -> str:
    """Send a drawn signature as a page does; gives its id."""
    path = f"/api/v1/s/{store.slug}/customer-profiles/customer_sign/files"
    sent = client.post(path, data={"file": (io.BytesIO(png()), "sign.png")})
    assert sent.json is not None
    return str(sent.json["id"])


def test_a_profile_is_kept_as_it_was_typed(app: App, store: Tenant) -> None:
    desk = signed_in(app, (store, "FD"))
    base = f"/s/{store.slug}/customer-profiles"

    kept = desk.post(base, data=sent_profile(customer_sign=signature(desk, store)))
    shown = desk.get(kept.location)

    assert kept.status_code == 303
    assert "已保存" in shown.text
    for text in (
        "王小丽",
        "05-20",
        "138****1234",
        "路过",
        "电话、短信",
        "12:00-14:00, 20:00-09:00",
    ):
        assert text in shown.text, text
    assert "13800001234" not in shown.text
    another = sent_profile(then="new", phone="13900000000", customer_sign=signature(desk, store))
    assert desk.post(base, data=another).location == f"{base}/new"


def test_a_refused_form_keeps_everything_that_was_typed(app: App, store: Tenant) -> None:
    desk = signed_in(app, (store, "FD"))
    wrong = sent_profile(
        registered_on="昨天", birthday="13-45", phone="12", source="", name="长" * 41, gender="Q",
        no_call_times="noon", consent_marketing="true",
    )  # fmt: skip

    answer = desk.post(f"/s/{store.slug}/customer-profiles", data=wrong)

    assert answer.status_code == 422
    for name in ("registered_on", "birthday", "phone", "source", "name", "gender", "no_call_times"):
        assert f'id="{name}-error"' in answer.text, name
    for text in ("昨天", "13-45", "12", "长" * 41, "noon"):
        assert f'value="{text}"' in answer.text, text
    assert re.search(
        r'name="consent_marketing" value="true" id="consent_marketing" checked', answer.text
    ) or re.search(r'name="consent_marketing"[^>]* checked', answer.text)
    assert "data-refused" in answer.text


@pytest.mark.shares_store
@pytest.mark.parametrize(
    "field",
    [
        "name",
        "birthday",
        "registered_on",
        "referrer",
        "consultant",
        "skin_problems",
        "fields",
        "version",
        "confirm",
    ],
)
@pytest.mark.parametrize("text", ["\x00", "\ud800", "x" * 70_000, "-1", "9" * 40, "' OR 1=1", "²"])
def test_strange_texts_are_refused_and_never_a_fault(
    app: App, store: Tenant, field: str, text: str
) -> None:
    everybody = signed_in(app, (store, "FD"), (store, "CON"))
    data = sent_profile(consent_service="")
    data[field] = text if field != "fields" else data["fields"] + " " + text

    answer = everybody.post(
        f"/s/{store.slug}/customer-profiles",
        data={
            k: v.encode("utf-8", "surrogatepass") if isinstance(v, str) else v
            for k, v in data.items()
        },
    )

    assert answer.status_code == 422


def test_a_change_touches_what_was_changed_and_nothing_else(app: App, store: Tenant) -> None:
    record_id = kept_profile(store, wechat="wx-1")
    desk = signed_in(app, (store, "FD"))
    page = f"/s/{store.slug}/customer-profiles/{record_id}"

    shown = desk.get(f"{page}/change").text
    assert "13812345678" not in shown
    assert 'name="phone"' not in shown
    assert "allergies" not in shown  # the front desk has no health part
    changed = desk.post(
        f"{page}/change",
        data={
            "fields": "wechat consent_marketing",
            "version": "1",
            "wechat": "wx-2",
            "change_reason": "换号",
        },
    )

    assert changed.status_code == 303
    history = desk.get(page).text
    assert "wx-1" in history
    assert "wx-2" in history
    assert "换号" in history
    with tenant_session(store) as session:
        row = queries.get(session, PROFILES, record_id)
        assert (row.wechat, row.phone, row.allergies, row.version) == (
            "wx-2",
            "13812345678",
            "无",
            2,
        )


def test_two_people_at_one_form_choose_what_stands(app: App, store: Tenant) -> None:
    record_id = kept_profile(store, wechat="wx-1", email="a@example.com", occupation="教师")
    first, second = signed_in(app, (store, "FD")), signed_in(app, (store, "FD"))
    page = f"/s/{store.slug}/customer-profiles/{record_id}/change"
    fields = {"fields": "wechat email occupation", "version": "1"}
    standing = {"wechat": "wx-1", "email": "a@example.com", "occupation": "教师"}
    first.post(page, data={**fields, **standing, "wechat": "wx-2", "email": "b@example.com"})

    met = second.post(page, data={**fields, **standing, "wechat": "wx-3", "occupation": "医生"})

    assert met.status_code == 409
    assert met.text.count('name="choice.') == 2  # mine and theirs of one field
    assert "wx-2" in met.text
    assert "wx-3" in met.text
    assert 'name="occupation" value="医生"' in met.text  # only mine: kept without asking
    assert 'name="email" value="b@example.com"' in met.text  # only theirs: kept too
    solved = second.post(
        page,
        data={
            **fields,
            "version": "2",
            "wechat": "wx-3",
            "choice.wechat": "theirs",
            "email": "b@example.com",
            "occupation": "医生",
        },
    )
    assert solved.status_code == 303
    with tenant_session(store) as session:
        row = queries.get(session, PROFILES, record_id)
        assert (row.wechat, row.email, row.occupation) == ("wx-2", "b@example.com", "医生")


def test_a_full_phone_number_is_opened_by_who_may_and_that_is_written_down(
    app: App, store: Tenant
) -> None:
    record_id = kept_profile(store)
    page = f"/s/{store.slug}/customer-profiles/{record_id}"
    desk, auditor = signed_in(app, (store, "FD")), signed_in(app, (store, "AUD"))
    asked = {"fields": "phone", "purpose": "回访"}

    opened = desk.post(f"{page}/reveal", data=asked)
    refused = auditor.post(f"{page}/reveal", data=asked)

    assert (opened.status_code, "13812345678" in opened.text) == (200, True)
    assert (refused.status_code, "13812345678" in refused.text) == (422, False)
    assert desk.post(f"{page}/reveal", data={"fields": "phone"}).status_code == 422
    assert "phone: 回访" in desk.get(page).text
    seen = auditor.get(page).text
    assert "王**" in seen
    assert "王小丽" not in seen


def test_a_form_is_approved_by_another_and_voided_with_a_reason(app: App, store: Tenant) -> None:
    first, second = kept_handouts(store, 2)
    manager = signed_in(app, (store, "MGR"))
    base = f"/s/{store.slug}/handouts"

    assert manager.post(f"{base}/{first}/approval", data={"version": "1"}).status_code == 303
    assert "已审核" in manager.get(f"{base}/{first}").text
    assert (
        "他人已修改"
        in manager.post(
            f"{base}/{second}/void", data={"version": "7", "reason": "x"}, follow_redirects=True
        ).text
    )
    assert (
        "必填"
        in manager.post(f"{base}/{second}/void", data={"version": "1"}, follow_redirects=True).text
    )
    manager.post(f"{base}/{second}/void", data={"version": "1", "reason": "误录"})
    assert "误录" in manager.get(f"{base}/{second}").text
    assert f"{base}/{second}" not in manager.get(base).text
    assert f"{base}/{second}" in manager.get(f"{base}?state=VOID").text
    assert manager.get(f"{base}/{second}/change").status_code == 303


def test_the_list_is_searched_narrowed_and_ordered(app: App, store: Tenant) -> None:
    for number, name in enumerate(("王小丽", "陈美玲", "赵雅")):
        kept_profile(store, name=name, phone=f"1380000{1000 + number}", gender="FMX"[number])
    desk = signed_in(app, (store, "FD"))

    def found(query: str) -> list[str]:
        text = desk.get(f"/s/{store.slug}/customer-profiles?{query}").text
        return [name for name in ("王小丽", "陈美玲", "赵雅") if f">{name}<" in text]

    assert found("text=wxl") == found("text=王小") == found("text=1000") == ["王小丽"]
    assert found("gender=M") == ["陈美玲"]
    assert found("registered_on_from=2025-06-11") == []
    assert found("registered_on_from=2025-06-10&registered_on_to=2025-06-10") == [
        "王小丽",
        "陈美玲",
        "赵雅",
    ]
    assert found("is_complete=false") == []
    for query in (
        "gender=Q",
        "consultant=x",
        "registered_on_from=morgen",
        "sort=phone",
        "after=x",
        "endpoint=x&_scheme=x&_external=1&slug=x",
        "state=%00",
        "is_complete=2",
        "text=%00",
    ):
        assert found(query) == ["王小丽", "陈美玲", "赵雅"], query


def test_a_long_list_goes_on_page_by_page(app: App, store: Tenant) -> None:
    ids = kept_handouts(store, 120)
    desk = signed_in(app, (store, "FD"))
    for sort in ("-handed_at", "number"):
        seen, path = [], f"/s/{store.slug}/handouts?sort={sort}"
        while path:
            text = desk.get(path).text
            assert "共 120 条" in text
            seen += [int(one) for one in re.findall(r'/handouts/(\d+)"', text)]
            following = re.search(r'<a class="btn" href="([^"]*)" rel="next"', text)
            path = html.unescape(following[1]) if following else ""
        assert sorted(seen) == sorted(ids)
        assert len(seen) == 120


def test_more_rows_ask_no_more_of_the_database(app: App, store: Tenant) -> None:
    desk = signed_in(app, (store, "FD"))
    guest = kept_profile(store)
    counts = []
    for more in (1, 30):
        kept_handouts(store, more, customer=guest, cost_fen=0)
        for path in ("handouts", "customer-profiles", "handouts/1", "handouts/1/change"):
            with counted(app) as sent:
                assert desk.get(f"/s/{store.slug}/{path}").status_code in (200, 403)
            counts.append(len(sent))
    assert counts[:4] == counts[4:]


def test_anothers_record_is_like_one_that_never_was(app: App, store: Tenant) -> None:
    other = new_store()
    foreign = kept_handouts(other, 3)[-1]
    manager = signed_in(app, (store, "MGR"))
    for method, rule in (
        ("GET", ""),
        ("GET", "/change"),
        ("POST", "/change"),
        ("POST", "/approval"),
        ("POST", "/void"),
        ("POST", "/reveal"),
    ):
        data = {"version": "1", "reason": "x", "fields": "x", "purpose": "x"}
        there = manager.open(f"/s/{store.slug}/handouts/{foreign}{rule}", method=method, data=data)
        assert there.status_code == 404, rule
        assert (
            manager.open(
                f"/s/{other.slug}/handouts/{foreign}{rule}", method=method, data=data
            ).status_code
            == 404
        )


def test_who_sees_own_rows_only_sees_no_other(app: App, store: Tenant) -> None:
    consultant = new_person((store, "CON"))
    theirs, own = (
        kept_profile(store),
        kept_profile(store, phone="13900000001", consultant=str(consultant)),
    )
    client = browser_of(app, consultant)
    base = f"/s/{store.slug}/customer-profiles"

    listed = client.get(base).text
    assert f"{base}/{own}" in listed
    assert f"{base}/{theirs}" not in listed
    assert client.get(f"{base}/{theirs}").status_code == 404
    assert client.get(f"{base}/{theirs}/change").status_code == 404
    assert 'name="allergies"' in client.get(f"{base}/{own}/change").text


def test_the_pickers_find_by_initials_and_by_the_end_of_a_phone(app: App, store: Tenant) -> None:
    guest = kept_profile(store)
    kept_handouts(store)
    desk = signed_in(app, (store, "FD"))
    base = f"/s/{store.slug}/pick"
    for typed in ("wxl", "小丽", "5678"):
        assert f'data-value="{guest}"' in desk.get(f"{base}/customers?customer_text={typed}").text
    assert "138****5678" in desk.get(f"{base}/customers?customer_text=wxl").text
    assert "补水护理" in desk.get(f"{base}/items?item_text=bshl").text
    assert "data-value" not in desk.get(f"{base}/items?item_text=zzz").text
    assert desk.get(f"{base}/customers").status_code == 200
    assert signed_in(app, (store, "TEC")).get(f"{base}/customers?x_text=wxl").status_code == 403


def test_a_headquarters_has_no_forms_of_a_store(app: App) -> None:
    hq = new_hq()
    admin = signed_in(app, (hq, "HQA"))
    for path in (*PATHS, "pick/customers"):
        assert admin.get(f"/s/{hq.slug}/{path}").status_code == 404
