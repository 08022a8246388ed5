"""What the codes of the forms are called on the screen, in the words of their declarations.

Shape: kind -> code -> text; codes of the domain carry (中文, English) beside their declaration,
codes that only screens name are texts of the catalogue.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _p

from shared.domain.appointments.rules.resources import CONDITIONS, KINDS
from shared.domain.appointments.rules.stages import CANCEL_REASONS, STAGES
from shared.domain.appointments.rules.stages import CHANNELS as BOOKED_BY
from shared.domain.appointments.rules.visits import (
    FEELINGS,
    LEFT_REASONS,
    PAY_BY,
    REACTIONS,
    STEP_NAMES,
    VISIT_STAGES,
)
from shared.domain.cards.rules.kinds import ENTRY_LABELS as CARD_ENTRIES
from shared.domain.cards.rules.kinds import KIND_LABELS as CARD_KINDS
from shared.domain.cards.rules.kinds import RULE_LABELS as REFUND_RULES
from shared.domain.cards.rules.kinds import STATE_LABELS as CARD_STATES
from shared.domain.catalog.rules import LABELS as CATEGORIES
from shared.domain.catalog.rules import MOVE_KINDS
from shared.domain.catalog.rules import STATE_LABELS as ITEM_STATES
from shared.domain.customers.rules.activity import ACTIVITIES
from shared.domain.customers.rules.choices import CONTRAINDICATIONS, SKIN_TYPES
from shared.domain.customers.rules.grading import GRADES, MOVES, SEGMENTS
from shared.domain.franchise.rules.benchmark import LABELS as RANKINGS
from shared.domain.franchise.rules.stores import KIND_LABELS
from shared.domain.notifications.forms import TONGUE_LABELS
from shared.domain.notifications.rules.catalogue import CHANNEL_LABELS
from shared.domain.notifications.rules.delivery import STATE_LABELS as SEND_STATES
from shared.domain.notifications.rules.delivery import WITHHELD_LABELS
from shared.domain.notifications.rules.endpoints import KIND_LABELS as ENDPOINT_KINDS
from shared.domain.reporting.rules.figures import LABELS as INDICATORS
from shared.domain.reporting.rules.plan import STATE_LABELS as PLAN_STATES
from shared.domain.reporting.rules.restating import BASE_LABELS
from shared.domain.reporting.rules.states import COST_LABELS, REOPENED_LABELS, STATE_LABELS
from shared.domain.sales.rules.kinds import (
    DAY_STATE_LABELS,
    LATE_SLIP_LABELS,
    LINE_KIND_LABELS,
    PURPOSE_LABELS,
    SALE_KIND_LABELS,
    TENDER_LABELS,
)
from shared.domain.surveys.rules import WAYS
from shared.domain.traffic.forms import GUEST_LABELS
from shared.domain.traffic.rules.heat import MARK_LABELS as HEAT_MARKS
from shared.domain.traffic.rules.retention import GROUP_LABELS
from web.frame import language

_DECLARED: dict[str, Mapping[Any, tuple[Any, ...]]] = {
    "category": CATEGORIES,
    "item_state": ITEM_STATES,
    "tender": TENDER_LABELS,
    "line_kind": LINE_KIND_LABELS,
    "card_kind": CARD_KINDS,
    "card_state": CARD_STATES,
    "card_entry": CARD_ENTRIES,
    "refund_rule": REFUND_RULES,
    "sale_kind": SALE_KIND_LABELS,
    "purpose": PURPOSE_LABELS,
    "cash_state": DAY_STATE_LABELS,
    "late_slip": LATE_SLIP_LABELS,
    "plan_state": PLAN_STATES,
    "cost": COST_LABELS,
    "reopened": REOPENED_LABELS,
    "fee_base": BASE_LABELS,
    "notice_channel": CHANNEL_LABELS,
    "notice_state": SEND_STATES,
    "notice_reason": WITHHELD_LABELS,
    "endpoint_kind": ENDPOINT_KINDS,
    "tongue": TONGUE_LABELS,
    "month_state": STATE_LABELS,
    "store_kind": KIND_LABELS,
    "indicator": INDICATORS,
    "ranking": RANKINGS,
    "stock_move": MOVE_KINDS,
    "opinion_way": WAYS,
    "stage": STAGES,
    "visit_stage": VISIT_STAGES,
    "visit_step": STEP_NAMES,
    "pay_by": PAY_BY,
    "left_reason": LEFT_REASONS,
    "feeling": FEELINGS,
    "reaction": REACTIONS,
    "cancel_reason": CANCEL_REASONS,
    "booked_by": BOOKED_BY,
    "resource_kind": KINDS,
    "condition": CONDITIONS,
    "contraindication": CONTRAINDICATIONS,
    "grade": GRADES,
    "activity": ACTIVITIES,
    "segment": SEGMENTS,
    "move": MOVES,
    "skin_type": SKIN_TYPES,
    "heat_mark": HEAT_MARKS,
    "traffic_guests": GUEST_LABELS,
    "guest_group": GROUP_LABELS,
}

# which kind the parts of an indicator are; all others are parted by category
_PARTED_BY = {"cash_receipts": "tender", "cost": "cost"}

_TEXTS: dict[str, dict[str, Any]] = {
    "source": {"DESK": _l("Front desk"), "IMPORT": _l("Import"), "API": _l("Interface")},
    "import_state": {
        "RECEIVED": _p("import", "Received"),
        "RUNNING": _p("import", "Running"),
        "DONE": _p("import", "Done"),
        "FAILED": _p("import", "Failed"),
    },
    "run_state": {
        "WAITING": _p("file", "Being made"),
        "READY": _p("file", "Ready"),
        "TAKEN": _p("file", "Fetched"),
        "JUDGED": _p("file", "To be confirmed"),
        "SAVING": _p("file", "Saving"),
        "DONE": _p("file", "Done"),
        "REFUSED": _p("file", "Refused"),
        "CANCELLED": _p("file", "Left"),
        "EXPIRED": _p("file", "Expired"),
    },
    "job_state": {
        "queued": _p("job", "Queued"),
        "sent": _p("job", "Sent"),
        "running": _p("job", "Running"),
        "done": _p("job", "Done"),
        "dead": _p("job", "Dead"),
    },
    "job_kind": {
        "sales.import_rows": _l("Import sales"),
        "reporting.roll_up_days": _l("Recompute changed days"),
        "reporting.compute_month": _l("Compute a month"),
        "reporting.close_due_month": _l("Close a month that is due"),
        "reporting.grade_guests": _l("Grade guests"),
        "reporting.judge_activity": _l("Judge who stays away"),
        "customers.tell_birthdays": _l("Tell of birthdays"),
        "reporting.compare_plan": _l("Compare a month with the plan"),
        "reporting.begin_plan": _l("Begin next year's plan"),
        "franchise.send_snapshots": _l("Send snapshots to the headquarters"),
        "franchise.read_letters": _l("Read letters"),
        "franchise.aggregate_month": _l("Add up a month of the chain"),
        "records.make_export": _l("Make a workbook"),
        "records.set_paper": _l("Print a form as PDF"),
        "records.read_import": _l("Read a workbook"),
        "records.judge_lines": _l("Check the rows of a workbook"),
        "records.save_lines": _l("Save the rows of a workbook"),
        "customers.copy_person": _l("Copy a guest's data"),
        "customers.erase_person": _l("Erase a guest"),
        "records.forget_files": _l("Remove old files"),
        "cards.watch_cards": _l("Look for cards that end"),
        "sales.watch_cash_days": _l("Look for days that nobody closed"),
        "notifications.notify": _l("Tell people"),
        "notifications.send_mail": _l("Send a notice by mail"),
        "notifications.send_text": _l("Send a notice by SMS or WeChat"),
        "notifications.post_hook": _l("Post a notice to a group or webhook"),
        "notifications.watch_jobs": _l("Look for failed jobs"),
    },
    "about": {
        "appt": _l("Appointments"),
        "visit": _l("Visits"),
        "card": _l("Cards"),
        "customer": _l("Customers"),
        "profile": _l("Profiles"),
        "grade": _l("Grades"),
        "complaint": _l("Complaints"),
        "notice": _l("Rectifications"),
        "callback": _l("Callbacks"),
        "opinion": _l("Opinions"),
        "suggestion": _l("Suggestions"),
        "cash": _l("Cash"),
        "stock": _l("Stock"),
        "wo": _l("Work orders"),
        "eq": _l("Equipment"),
        "roster": _l("Roster"),
        "attend": _l("Attendance"),
        "score": _l("Scores"),
        "survey": _l("Surveys"),
        "competitor": _l("Competitors"),
        "month": _l("Months"),
        "statement": _l("Statements"),
        "csr": _l("Requirements"),
        "doc": _l("Documents"),
        "x1": _l("Job sheets"),
        "cert": _l("Certificates"),
        "job": _l("Jobs"),
        "channel": _l("Channels"),
    },
    "endpoint_state": {
        "ON": _p("channel", "On"),
        "OFF": _p("channel", "Off"),
        "FAILING": _p("channel", "Failing"),
    },
    "role_change": {
        "INVITED": _l("invited"),
        "RENEWED": _l("invited again"),
        "REVOKED": _l("invitation withdrawn"),
        "JOINED": _l("joined"),
        "ROLES": _l("roles changed"),
        "LEFT": _l("left"),
        "GRANTED": _l("roles given by the operator"),
    },
    "role": {
        "HQA": _l("HQ admin"),
        "HQN": _l("HQ analyst"),
        "MGR": _l("Store manager"),
        "FD": _l("Front desk"),
        "CON": _l("Consultant"),
        "BEA": _l("Beautician"),
        "SDA": _l("Service-desk agent"),
        "TEC": _l("Technician"),
        "AUD": _l("Auditor"),
    },
}

# How good or bad a state is: the colour of its stamp.
_TONES = {
    "month_state": {"COMPUTED": "busy", "REVIEWED": "warn", "CLOSED": "good", "REOPENED": "bad"},
    "cash_state": {"OPEN": "warn", "COUNTING": "warn", "SUBMITTED": "busy", "CLOSED": "good"},
    "plan_state": {"SUBMITTED": "busy", "APPROVED": "good"},
    "import_state": {"RECEIVED": "busy", "RUNNING": "busy", "DONE": "good", "FAILED": "bad"},
    "run_state": {
        "WAITING": "busy",
        "READY": "good",
        "JUDGED": "warn",
        "SAVING": "busy",
        "DONE": "good",
        "REFUSED": "bad",
    },  # fmt: skip
    "notice_state": {"WAITING": "busy", "SENT": "good", "FAILED": "bad", "WITHHELD": "warn"},
    "endpoint_state": {"ON": "good", "FAILING": "warn", "OFF": "bad"},
    "job_state": {"sent": "busy", "running": "busy", "done": "good", "dead": "bad"},
    "sale_kind": {"REFUND": "bad"},
    "card_state": {"ACTIVE": "good", "FROZEN": "warn", "EXPIRED": "bad"},
    "item_state": {"COMING": "busy", "ON_SALE": "good"},
    "stage": {
        "REQUESTED": "warn",
        "CONFIRMED": "busy",
        "ARRIVED": "good",
        "IN_SERVICE": "good",
        "NO_SHOW": "bad",
    },  # fmt: skip
    "condition": {"GOOD": "good", "DOWN": "bad"},
    "grade": {"A": "good", "P": "busy"},
    "activity": {
        "ACTIVE": "good",
        "WATCH": "warn",
        "COLD": "warn",
        "HANDOVER": "bad",
        "DORMANT": "bad",
        "LOST": "bad",
    },
    "move": {"UP": "good", "DOWN": "bad"},
    "visit_stage": {
        "WAITING": "warn",
        "CONSULTING": "busy",
        "QUOTED": "warn",
        "IN_SERVICE": "good",
        "CHECKED": "busy",
        "SETTLED": "good",
    },  # fmt: skip
}


def label(code: str, kind: str) -> str:
    """Call a code by its name; a code nobody named stands for itself."""
    return dict(choices(kind)).get(code, code)


def tone(code: str, kind: str) -> str:
    """Say which colour a state's stamp has; empty is plain."""
    return _TONES.get(kind, {}).get(code, "")


def part_label(part: str, indicator: str) -> str:
    """Call a part of an indicator by its name: a category, a tender, a cost line."""
    return label(part, _PARTED_BY.get(indicator, "category"))


def is_money(indicator: str) -> bool:
    """Say whether an indicator counts fen rather than things."""
    declared = INDICATORS.items() | RANKINGS.items()
    return any(str(code) == indicator and texts[2] for code, texts in declared)


def choices(kind: str) -> list[tuple[str, str]]:
    """List a kind's codes with their names, in the order of the form."""
    if kind in _DECLARED:
        place = 0 if language.is_chinese() else 1
        return [(str(code), texts[place]) for code, texts in _DECLARED[kind].items()]
    return [(code, str(text)) for code, text in _TEXTS[kind].items()]
