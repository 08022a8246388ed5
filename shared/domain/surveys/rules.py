"""How satisfied a guest is, and what becomes of a suggestion."""

from enum import StrEnum


class Level(StrEnum):
    """Five levels of satisfaction, the best first."""

    VERY_SATISFIED = "VERY_SATISFIED"
    SATISFIED = "SATISFIED"
    NEUTRAL = "NEUTRAL"
    DISSATISFIED = "DISSATISFIED"
    VERY_DISSATISFIED = "VERY_DISSATISFIED"
    NA = "NA"


_ALL: dict[Level, tuple[str, str]] = {
    Level.VERY_SATISFIED: ("非常满意", "Very satisfied"),
    Level.SATISFIED: ("比较满意", "Satisfied"),
    Level.NEUTRAL: ("一般", "Neutral"),
    Level.DISSATISFIED: ("比较不满意", "Dissatisfied"),
    Level.VERY_DISSATISFIED: ("非常不满意", "Very dissatisfied"),
    Level.NA: ("未体验", "Not tried"),
}
OVERALL: dict[Level, tuple[str, str]] = {
    level: label for level, label in _ALL.items() if level is not Level.NA
}
ASPECT = _ALL
NEGATIVE = (Level.DISSATISFIED, Level.VERY_DISSATISFIED)


class SuggestionState(StrEnum):
    """F09: what becomes of a suggestion."""

    NEW = "NEW"
    ADOPTED = "ADOPTED"
    DECLINED = "DECLINED"
    DONE = "DONE"


SUGGESTION_STATES: dict[SuggestionState, tuple[str, str]] = {
    SuggestionState.NEW: ("新", "New"),
    SuggestionState.ADOPTED: ("采纳", "Adopted"),
    SuggestionState.DECLINED: ("未采纳", "Declined"),
    SuggestionState.DONE: ("已落实", "Done"),
}


class Way(StrEnum):
    """How an opinion reached the store."""

    LINK = "LINK"
    TABLET = "TABLET"
    PAPER = "PAPER"


WAYS: dict[Way, tuple[str, str]] = {
    Way.LINK: ("扫码链接", "QR link"),
    Way.TABLET: ("店内平板", "Tablet"),
    Way.PAPER: ("纸质录入", "Paper"),
}
