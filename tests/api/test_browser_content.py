"""What a browser could take for code: pictures, JSON in pages, template signs, frames, file names.

Form: cases I-02 to I-05 and H-04 of the abuse cases; I-01 is tests/browser/test_stored_xss.py.
"""

import io
from collections.abc import Callable

import pytest
from flask import render_template_string
from flask.testing import FlaskClient
from markupsafe import escape

from shared.domain.customers.service.profiles import PROFILES
from shared.records import exporting, service
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, browser_of
from tests.factories.records import editor, profile
from tests.factories.tenants import new_person, new_store
from web.app import App
from web.records import desk
from workers.outgoing.account_texts import TEXTS

AsRole = Callable[[Tenant, Role], Caller]
END = "</script><script>alert(1)</script>'\"&"
SIGNS = "{{7*7}}${7*7}<%=7*7%>"


@pytest.mark.parametrize(
    "content",
    [b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"<html><script>alert(1)",
     b"%PDF-1.7 /JS (app.alert(1))", b"GIF89a=alert(1)"],
)  # fmt: skip
def test_i_02_a_file_with_script_is_no_picture(
    as_role: AsRole, store: Tenant, content: bytes
) -> None:
    sent = {"file": (io.BytesIO(content), "photo.png", "image/png")}
    refused = as_role(store, "FD").post("/customer-profiles/customer_sign/files", data=sent)
    assert refused.status_code == 422


def test_i_03_json_in_a_page_does_not_end_the_script_or_the_attribute(app: App) -> None:
    with app.test_request_context():
        page = render_template_string("<p data-x='{{ x|tojson }}'>", x={"name": END})
    assert page.count("<") == 1
    assert page.count("'") == 2


def test_i_03_a_store_called_like_a_script_is_only_called_so(app: App) -> None:
    store = new_store(name=END)
    browser = browser_of(app, new_person((store, "MGR"), (store, "FD")))
    for path in ("", "months", "sales/new", "nothing-here"):
        page = browser.get(f"/s/{store.slug}/{path}").text
        assert "<script>alert" not in page, path
        assert "&lt;script&gt;alert" in page, path


def test_i_04_template_signs_are_printed_as_they_stand(app: App, store: Tenant) -> None:
    with tenant_session(store) as session:
        row = service.keep_new(session, PROFILES, typed=profile(name=SIGNS), by=editor())
        session.commit()
        path = f"/s/{store.slug}/customer-profiles/{row.id}"
    browser = browser_of(app, new_person((store, "MGR")))
    for where in (path, f"{path}/print", f"/s/{store.slug}/search?q=7*7"):
        page = browser.get(where).text
        assert escape(SIGNS) in page, where
    mail = TEXTS["invitation"]["zh"].filled(
        place=SIGNS, name="{link}", inviter="{place}", link="https://x"
    )
    assert SIGNS in mail.subject


@pytest.mark.parametrize("path", ["/sign-in", "/stores", "/g/x", "/nowhere", "/healthz"])
def test_i_05_no_answer_may_be_framed(anonymous: FlaskClient, path: str) -> None:
    headers = anonymous.get(path).headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "name",
    ["a\r\nSet-Cookie: x=1.xlsx", 'a"; filename="b.exe.xlsx', "../../etc/x.pdf", "店\x00.csv"],
)
def test_h_04_a_file_name_makes_no_header(app: App, name: str) -> None:
    with app.test_request_context():
        answer = desk.file_answer(b"x", name)
    said = answer.headers["Content-Disposition"]
    assert not {"\r", "\n", "\x00"} & set(said)
    assert "/" not in said
    assert 'b.exe.xlsx"' not in said.replace("-", "") or said.count("filename=") == 1
    assert "Set-Cookie" not in answer.headers
    made = exporting.file_name(PROFILES, "XLSX", chinese=True, at="20250610-1403")
    assert made.startswith("F04-")
