"""Photos and signatures: made anew, bound to one record, seen by who sees its field."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy import select, update

from shared.files import Shelf
from shared.records import attachments
from shared.records.models import Attachment
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, browser_of
from tests.factories import records
from tests.factories.tenants import new_person, new_store
from web.app import App

AsRole = Callable[[Tenant, Role], Caller]
SIGN = "/customer-profiles/customer_sign/files"


def send(caller: Caller, content: bytes, *, path: str = SIGN, name: str = "x.png") -> Any:
    """Send a file as a picture."""
    return caller.post(path, data={"file": (io.BytesIO(content), name)})


def look(app: App, tenant: Tenant, person: UUID, picture: str) -> Any:
    """Ask for a picture as a browser does."""
    return browser_of(app, person).get(f"/s/{tenant.slug}/files/{picture}")


def kept(caller: Caller, **more: Any) -> dict[str, Any]:
    """Keep a profile with the contact part."""
    made = caller.post("/customer-profiles", records.contact(**more))
    assert made.status_code == 201, made.text
    return dict(made.json or {})


def photo_with_a_place() -> bytes:
    """A photograph that says where it was taken, lying on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "secret place"
    out = io.BytesIO()
    Image.new("RGB", (4000, 3000), "pink").save(out, "JPEG", exif=exif, comment=b"secret note")
    return out.getvalue()


def test_a_photo_is_made_anew_without_what_cannot_be_seen(
    app: App, as_role: AsRole, store: Tenant
) -> None:
    desk = as_role(store, "FD")
    sent = send(desk, photo_with_a_place() + b"<script>alert(1)</script>")
    assert sent.status_code == 201

    shown = look(app, store, desk.person_id, sent.json["id"])

    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Disposition"] == "attachment"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert shown.headers["Cache-Control"] == "no-store"
    for hidden in (b"secret", b"script", b"Exif"):
        assert hidden not in shown.data
    with Image.open(io.BytesIO(shown.data)) as picture:
        assert picture.size == (1200, 1600)


@pytest.mark.shares_store
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><script>alert(1)</script>",
        b"%PDF-1.7",
        b"\xff\xd8\xff\xe0 no picture",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        records.png()[:-30],
        records.png()[:16] + b"\xff" * 8 + records.png()[24:],  # says it is enormous
    ],
)
def test_what_is_no_picture_is_refused(as_role: AsRole, store: Tenant, content: bytes) -> None:
    answer = send(as_role(store, "FD"), content, name="photo.jpg")

    assert answer.status_code == 422
    assert answer.json["errors"][0]["code"] in ("TYPE", "RANGE")
    assert Shelf(store.name, "attachments").put_before(records.NOW + timedelta(days=9999)) == []


def test_who_may_not_fill_in_a_field_sends_nothing_for_it(as_role: AsRole, store: Tenant) -> None:
    desk, beautician = as_role(store, "FD"), as_role(store, "BEA")
    chart = "/customer-profiles/diagnosis_chart/files"

    assert send(desk, records.png(), path=chart).status_code == 422
    assert send(desk, records.png(), path="/customer-profiles/name/files").status_code == 422
    assert send(beautician, records.png()).status_code == 403
    assert desk.post(SIGN).status_code == 422


def test_a_picture_is_seen_by_who_sees_its_field(app: App, as_role: AsRole, store: Tenant) -> None:
    consultant, desk = as_role(store, "CON"), as_role(store, "FD")
    chart = send(consultant, records.png(), path="/customer-profiles/diagnosis_chart/files")
    sign = records.send_picture(consultant)
    assert look(app, store, desk.person_id, sign).status_code == 404  # not kept yet
    sent = records.profile(
        consultant=str(consultant.person_id), customer_sign=sign, diagnosis_chart=chart.json["id"]
    )
    assert consultant.post("/customer-profiles", sent).status_code == 201

    seen = {
        role: [
            look(app, store, new_person((store, role)), one).status_code
            for one in (sign, chart.json["id"])
        ]
        for role in ("FD", "MGR", "CON", "AUD", "TEC")
    }

    assert seen == {
        "FD": [200, 404], "MGR": [200, 200], "CON": [404, 404], "AUD": [404, 404],
        "TEC": [404, 404],
    }  # fmt: skip
    assert look(app, store, consultant.person_id, chart.json["id"]).status_code == 200


def test_another_stores_picture_is_not_there(app: App, as_role: AsRole, store: Tenant) -> None:
    other = new_store()
    foreign = records.send_picture(as_role(other, "FD"))
    both = new_person((store, "FD"), (other, "FD"))
    desk = as_role(store, "FD")

    assert look(app, store, both, foreign).status_code == 404
    assert look(app, store, both, str(uuid4())).status_code == 404
    refused = desk.post("/customer-profiles", records.contact(customer_sign=foreign))
    assert [problem["field"] for problem in refused.json["errors"]] == ["customer_sign"]
    assert look(app, store, both, "..%2f..%2f" + foreign).status_code == 404


def test_a_picture_belongs_to_one_record_and_to_who_sent_it(as_role: AsRole, store: Tenant) -> None:
    desk, other = as_role(store, "FD"), as_role(store, "FD")
    sign = records.send_picture(desk)
    stolen = other.post("/customer-profiles", records.contact(customer_sign=sign))
    made = kept(desk, customer_sign=sign)
    twice = desk.post(
        "/customer-profiles", records.contact(customer_sign=sign, phone="13900000000")
    )
    elsewhere = desk.post("/customer-profiles", records.contact(customer_sign=str(uuid4())))

    for refused in (stolen, twice, elsewhere):
        assert refused.status_code == 422
        assert "customer_sign" in {problem["field"] for problem in refused.json["errors"]}
    changed = desk.call(
        "PATCH", f"/customer-profiles/{made['id']}", json={"customer_sign": sign, "wechat": "w"},
        headers={"If-Match": '"1"'},
    )  # fmt: skip
    assert changed.status_code == 200


def test_what_no_record_took_within_a_day_is_removed(as_role: AsRole, store: Tenant) -> None:
    desk, shelf = as_role(store, "FD"), Shelf(store.name, "attachments")
    untaken, taken = UUID(records.send_picture(desk)), UUID(records.send_picture(desk))
    kept(desk, customer_sign=str(taken))
    stray = uuid4()
    shelf.put(stray, b"x")  # its transaction never came to its end
    with tenant_session(store) as session:
        sent_at = session.scalars(select(Attachment.created_at)).first()
        assert sent_at is not None
        later = sent_at + timedelta(days=1, minutes=5)
        attachments.forget_untaken(session, shelf, now=sent_at + timedelta(hours=23))
        assert len(shelf.put_before(later)) == 3
        attachments.forget_untaken(session, shelf, now=later)
        assert set(shelf.put_before(later)) == {untaken, taken}
        attachments.forget_untaken(session, shelf, now=later)
        assert set(shelf.put_before(later)) == {taken}
        session.commit()

    late = desk.post("/customer-profiles", records.contact(customer_sign=str(untaken)))
    assert late.status_code == 422


def test_an_erased_picture_is_gone_for_everybody(app: App, as_role: AsRole, store: Tenant) -> None:
    desk = as_role(store, "FD")
    sign = records.send_picture(desk)
    kept(desk, customer_sign=sign)
    with tenant_session(store) as session:
        session.execute(update(Attachment).values(erased_at=records.NOW))
        session.commit()

    assert look(app, store, desk.person_id, sign).status_code == 404


PHOTOS = "/customer-profiles/photos/files"


def test_several_photos_are_kept_seen_by_who_may_and_counted(
    app: App, as_role: AsRole, store: Tenant
) -> None:
    consultant = as_role(store, "CON")
    sign, *shots = [
        send(consultant, records.png(width=9 + n), path=path).json["id"]
        for n, path in enumerate([SIGN, PHOTOS, PHOTOS, PHOTOS])
    ]
    me = str(consultant.person_id)
    consents = {"consultant": me, "customer_sign": sign, "consent_photo": True}
    typed = records.profile(phone="13800004321", **consents, photos=[*shots[:2], shots[0]])

    no = consultant.post("/customer-profiles", {**typed, "consent_photo": False})
    assert [(e["field"], e["code"]) for e in no.json["errors"]] == [("photos", "CONSENT")]
    nine = [str(uuid4()) for _ in range(9)]
    many = consultant.post("/customer-profiles", {**typed, "photos": nine})
    assert [(e["field"], e["code"]) for e in many.json["errors"]] == [("photos", "RANGE")]
    made = consultant.post("/customer-profiles", typed)
    assert made.status_code == 201, made.text
    assert made.json["photos"] == shots[:2]  # each once, in the order they were sent

    path, seen = f"/customer-profiles/{made.json['id']}", {"If-Match": made.headers["ETag"]}
    changed = consultant.call("PATCH", path, json={"photos": [shots[2], shots[0]]}, headers=seen)
    assert changed.json["photos"] == [shots[2], shots[0]]
    assert look(app, store, consultant.person_id, shots[2]).status_code == 200
    desk = as_role(store, "FD")  # has no right to the health part
    assert desk.get(path).json["photos"] is None
    assert look(app, store, desk.person_id, shots[0]).status_code == 404
    other = as_role(new_store(), "CON")
    assert look(app, other.tenant, other.person_id, shots[0]).status_code == 404

    page = browser_of(app, consultant.person_id).get(f"/s/{store.slug}{path}").text
    assert page.count(f"/s/{store.slug}/files/") == 2 * 3  # two photos and a signature, linked
    paper = browser_of(app, consultant.person_id).get(f"/s/{store.slug}{path}/print").text
    assert all(f"/files/{shot}" in paper for shot in (shots[2], shots[0]))
