"""The register of customer profiles and what it asks beyond the declaration.

Form: F04.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.domain.customers.forms.profile import Profile
from shared.domain.customers.models import Customer
from shared.domain.customers.rules import profile as rules
from shared.domain.customers.rules.choices import Contraindication
from shared.forms.record import State, entered
from shared.records.register import Attempt, Editor, Register

SENSITIVE = tuple(
    name for name, field in entered(Profile).items() if field.metadata["class"] == "sensitive"
)


def _check(session: Session, attempt: Attempt) -> None:
    _check_consents(attempt)
    _check_dates(attempt)
    _check_contraindications(attempt)
    _check_phone(session, attempt)
    _check_referrer(session, attempt)
    _check_beautician(session, attempt)
    if attempt.values["no_call_times"] is None:
        attempt.values["no_call_times"] = list(rules.USUAL_NO_CALLS)
    attempt.computed["is_complete"] = rules.is_whole(attempt.values)


def _check_consents(attempt: Attempt) -> None:
    values = attempt.values
    if values["consent_service"] is not True:
        attempt.refuse("consent_service", "CONSENT")
    if not values["consent_sensitive"]:
        for name in SENSITIVE:
            if values[name] is not None:
                attempt.refuse(name, "CONSENT")
    elif values["photos"] is not None and not values["consent_photo"]:
        attempt.refuse("photos", "CONSENT", zh="未取得照片同意", en="no consent to photos")


def _check_dates(attempt: Attempt) -> None:
    values, today = attempt.values, attempt.by.today
    if values["registered_on"] is not None and values["registered_on"] > today:
        attempt.refuse("registered_on", "FUTURE")
    if values["birthday"] is None:
        return
    years = rules.age(values["birthday"], on=today)
    if years is not None and years < 0:
        attempt.refuse("birthday", "FUTURE")
    elif years is not None and years > rules.OLDEST:
        attempt.refuse("birthday", "RANGE")
    elif years is not None and years < rules.GUARDED_BELOW and values["guardian_name"] is None:
        attempt.refuse(
            "guardian_name", "CONSENT",
            zh="未满14周岁,须填写监护人并由其同意", en="under 14: a guardian has to consent",
        )  # fmt: skip


def _check_contraindications(attempt: Attempt) -> None:
    ticked = attempt.values["contraindications"] or []
    if Contraindication.NONE in ticked and len(ticked) > 1:
        attempt.refuse(
            "contraindications", "ENUM",
            zh="“无”不能与其他禁忌同选", en="“none” cannot stand beside others",
        )  # fmt: skip


def _check_phone(session: Session, attempt: Attempt) -> None:
    """Say whose number it is; where two desks type one at once, the unique index refuses one."""
    phone = attempt.values["phone"]
    if phone is None or (attempt.before is not None and attempt.before.phone == phone):
        return
    same = session.scalars(
        select(Customer).where(
            Customer.phone == phone,
            Customer.state != State.VOID,
            Customer.id != (attempt.before.id if attempt.before else 0),
        )
    ).first()
    if same is not None:
        attempt.refuse(
            "phone", "DUPLICATE",
            zh=f"该电话已登记,请打开档案 {same.number}",
            en=f"already registered: open profile {same.number}",
        )  # fmt: skip


def _check_referrer(session: Session, attempt: Attempt) -> None:
    referrer = attempt.values["referrer"]
    if referrer is None:
        return
    if attempt.before is not None and referrer == attempt.before.id:
        attempt.refuse("referrer", "RANGE", zh="介绍人不能是本人", en="not the guest himself")
    elif session.get(Customer, referrer) is None:
        attempt.refuse("referrer", "NOT_FOUND")


def _check_beautician(session: Session, attempt: Attempt) -> None:
    chosen = attempt.values["preferred_staff"]
    if chosen is None or (attempt.before is not None and attempt.before.preferred_staff == chosen):
        return
    assigned = session.scalar(
        select(func.count())
        .select_from(Customer)
        .where(Customer.preferred_staff == chosen, Customer.state != State.VOID)
    )
    if (assigned or 0) >= rules.MOST_GUESTS:
        attempt.warn(
            "preferred_staff", "LIMIT", permission=("F04", "U"),
            zh=f"该美容师已有 {assigned} 位指定顾客", en=f"already has {assigned} assigned guests",
        )  # fmt: skip


def _day(values: Mapping[str, Any], by: Editor) -> date:
    day: date | None = values["registered_on"]
    return day or by.today


PROFILES = Register(
    form=Profile,
    model=Customer,
    check=_check,
    day=_day,
    owners=("consultant", "preferred_staff", "created_by"),
    in_period=False,
)
