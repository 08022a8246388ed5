"""Whatever people type is text: on lists, forms, histories, paper, in search, notices, workbooks.

Shape: I-01 of the abuse cases. A few rows of each form hold all payloads among them; with
ROLLBOOK_XSS=full every payload goes into every text field it fits, and every record is looked at.
"""

import csv
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from shared.domain.catalog.service import stock
from shared.domain.catalog.service.handouts import HANDOUTS
from shared.domain.customers.service.profiles import PROFILES
from shared.domain.surveys.service.opinions import OPINIONS
from shared.events.notices import Notify
from shared.forms.fields import Text
from shared.forms.kinds import BirthDay, Phone
from shared.forms.record import entered
from shared.records import service
from shared.records.register import Register
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.browser.conftest import ROOT
from tests.factories.records import NOW, TODAY, editor, handout, opinion, profile
from tests.factories.tenants import new_store
from tests.workers.notifications.conftest import tell
from workers.testing import drain

IS_FULL = os.environ.get("ROLLBOOK_XSS") == "full"
PAYLOADS = (ROOT / "tests/browser/payloads.txt").read_text("utf-8").splitlines()
ROWS = len(PAYLOADS) if IS_FULL else 12
PATHS = {"F01": "handouts", "F04": "customer-profiles", "F09": "opinions"}
ASKED = ("notices", "search?q=%3Csvg%20onload%3Dalert(1)%3E", "search?q=alert", "items/1/stock")
LISTENER = """
  window.__seen = [];
  for (const name of ["alert", "prompt", "confirm"]) window[name] = () => window.__seen.push(name);
  addEventListener("securitypolicyviolation", (refused) =>
    window.__seen.push(`${refused.effectiveDirective} ${refused.sample}`), true);
"""


def texts_of(register: Register) -> dict[str, Text]:
    """The fields of a form that take free text."""
    found = entered(register.form).items()
    return {n: f for n, f in found if isinstance(f, Text) and not isinstance(f, (Phone, BirthDay))}


@cache
def evil(register: Register) -> list[dict[str, str]]:
    """Fill the text fields of some rows; each field takes the next payloads that fit into it."""
    rows, waiting = [], list(PAYLOADS)
    for row in range(ROWS):
        typed = {}
        for name, found in texts_of(register).items():
            fitting = [one for one in PAYLOADS if len(one) <= found.max_length]
            if IS_FULL:
                typed[name] = fitting[row % len(fitting)]
                continue
            taken: list[str] = []
            for one in list(waiting):
                if len(" ".join([*taken, one])) <= found.max_length:
                    taken.append(one)
                    waiting.remove(one)
            typed[name] = " ".join(taken) or fitting[row % len(fitting)]
            waiting = waiting or list(PAYLOADS)
        rows.append(typed)
    return rows


def fill(session: Session) -> None:
    """Keep rows of all three forms."""
    base = handout(session)
    for row in range(ROWS):
        filled = evil(PROFILES)[row]
        guest = profile(phone=f"138{row:08d}", **filled)
        service.keep_new(session, PROFILES, typed=guest, by=editor())
        words = opinion(overall="VERY_DISSATISFIED", **evil(OPINIONS)[row])
        service.keep_new(session, OPINIONS, typed=words, by=editor())
        given = {**evil(HANDOUTS)[row], "reason": "COMPLAINT", "customer": 1}
        batch = stock.Batch(item_id=base["item"], quantity=1, batch_no=given["batch_no"])
        stock.receive(session, batch, stock.Mover(by=None, now=NOW, day=TODAY))
        typed = {**base, **given, "qty": 1, "confirmations": [LIMIT]}
        kept = service.keep_new(session, HANDOUTS, typed=typed, by=editor(approver=APPROVER))
        changed = {"feedback": evil(HANDOUTS)[row - 7]["feedback"], "change_reason": PAYLOADS[row]}
        service.keep_change(
            session, HANDOUTS, record_id=kept.id, version=1, typed=changed, by=editor()
        )
    session.commit()


HEADERS = ("派送时间", "类别", "品名", "数量", "活动", "使用反馈")
LIMIT = {"field": "cost_fen", "code": "LIMIT", "reason": "<img src=x onerror=alert(1)>"}
APPROVER = UUID(int=77)


@pytest.fixture(scope="module")
def shop(cluster: Any) -> Tenant:
    """A store full of payloads."""
    made = new_store()
    with tenant_session(made) as session:
        fill(session)
    return made


@dataclass
class Watch:
    """A page that says what ran or had to be refused."""

    page: Page
    seen: list[str]

    def open(self, address: str, *holds: str) -> None:
        """Load a page; it shows the payloads as they were typed, and nothing happens."""
        self.page.goto(address)
        self.seen += [f"{address}: {one}" for one in self.page.evaluate("window.__seen")]
        for text in holds:
            assert text in self.page.locator("body").inner_text(), (address, text)


def pages_of(store: Tenant) -> Iterator[str]:
    """Every kind of page that shows what people typed."""
    base = f"/s/{store.slug}"
    for path in PATHS.values():
        yield f"{base}/{path}"
        for record in range(1, ROWS + 1) if IS_FULL else (1, 8):
            yield from (f"{base}/{path}/{record}", f"{base}/{path}/{record}/print")
        yield f"{base}/{path}/3/change"
        yield f"{base}/{path}/print-list"
        yield f"{base}/{path}?text=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"
    for path in ASKED:
        yield f"{base}/{path}"
    yield base + "/"


def test_nothing_that_people_type_runs_anywhere(
    shop: Tenant, visit: Callable[..., Any], person: Callable[..., str], tmp_path: Path
) -> None:
    login = person((shop, "MGR"), (shop, "CON"), (shop, "FD"))
    told = evil(OPINIONS)[1]
    facts = {"level": PAYLOADS[0], "reason": told["reason"]}
    noon = (datetime.now(UTC) - timedelta(days=1)).replace(hour=4)
    tell(shop, Notify(event="opinion.negative", key="xss", facts=facts), now=noon)
    with visit() as visitor:
        watch = Watch(visitor.page, [])
        visitor.page.on("dialog", lambda box: (watch.seen.append(box.message), box.dismiss()))
        visitor.page.add_init_script(LISTENER)
        visitor.sign_in(login)
        for path in pages_of(shop):
            watch.open(f"{visitor.site}{path}")
        watch.open(f"{visitor.site}/s/{shop.slug}/notices", "alert(1)")
        watch.open(f"{visitor.site}/s/{shop.slug}/opinions/1", evil(OPINIONS)[0]["likes"][:40])
        _bring_in(watch, visitor.site, shop, tmp_path)
        visitor.picture("xss-import")
    assert watch.seen == []


def _bring_in(watch: Watch, site: str, store: Tenant, folder: Path) -> None:
    """Bring in a file of payloads: the page shows the bad lines as they came."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow([*HEADERS, "<svg onload=alert(1)>"])
    for start in range(0, len(PAYLOADS), 6):
        lines.writerow((PAYLOADS[start : start + 6] + [""] * 6)[:6] + [PAYLOADS[start]])
    file = folder / "<img src=x onerror=alert(1)>.csv"
    file.write_text(out.getvalue(), encoding="utf-8")
    watch.page.goto(f"{site}/s/{store.slug}/handouts/imports")
    watch.page.locator("#file").set_input_files(file)
    watch.page.locator("form[enctype] .btn-primary").click()
    watch.page.wait_for_url("**/imports/*")
    drain()
    watch.open(watch.page.url, "onerror=alert(1)")
    watch.open(f"{site}/s/{store.slug}/handouts/imports")


def test_there_are_some_three_hundred_payloads_and_a_few_rows_hold_them_all() -> None:
    assert len(PAYLOADS) >= 300
    for register in (PROFILES, OPINIONS):
        held = " ".join(text for row in evil(register) for text in row.values())
        assert [one for one in PAYLOADS if one not in held] == [], register.code
