"""Whether a letter that arrives at a headquarters is taken, and what it may be refused for."""

from shared import errors
from shared.events.letters import Letter


class UnknownSender(errors.Forbidden):
    """The sender is not known here."""

    zh = "发件方未登记"


class SameNumberOtherContent(errors.Conflict):
    """A letter of this number arrived before and said otherwise."""

    code = "DUPLICATE"
    zh = "同一编号的信件内容不一致"


def is_news(letter: Letter, *, last_no: int, is_same: bool) -> bool:
    """Tell whether a letter says more than the last one that was taken; an older one does not.

    Raises: SameNumberOtherContent when it has the last one's number and is not the same.
    """
    if letter.revision == last_no and not is_same:
        raise SameNumberOtherContent(key=letter.key, number=letter.revision)
    return letter.revision > last_no
