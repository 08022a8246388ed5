"""What can foreseeably go wrong around Rollbook, said with what to do about it."""


class Fault(Exception):
    """A step failed for a reason we know; shown without a traceback."""

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.what}\n  {self.advice}" if self.advice else self.what
