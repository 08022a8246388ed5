"""What a letter that arrives may be refused for, on either side."""

from shared import errors


class UnknownSender(errors.Forbidden):
    """The sender is not known here."""

    zh = "发件方未登记"


class SameNumberOtherContent(errors.Conflict):
    """A letter of this number arrived before and said otherwise."""

    code = "DUPLICATE"
    zh = "同一编号的信件内容不一致"
