"""What a rule decides: who won, in which order, paid by whom."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from madang.rooms.autonomy.engine.allocation.support import Floats
from madang.rooms.autonomy.engine.election import Indices

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """A project bought, and who paid for it.

    Attributes
    ----------
    project : int
        Index of the project.
    price : float
        What the highest payer pays for each unit of gain [1/unit of money].
    rows : ndarray of int32
        Ballot classes that paid.
    before, after : ndarray of float64
        What each voter of these classes had [1/unit of currency].
    """

    project: int
    price: float
    rows: Indices
    before: Floats
    after: Floats

    @property
    def paid(self) -> Floats:
        """What each voter of these classes paid [1/unit of currency]."""
        return self.before - self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The decision of a rule.

    Attributes
    ----------
    winners : tuple of int
        Projects in the order of selection.
    purchases : tuple of Purchase
        Who paid for what, for the winners that were bought; empty for a rule without payments.
    share : Fraction
        What each voter had to begin with in the run that decided [1/unit of currency]; 0 for a rule without shares.
    completed : int
        How many of the winners, the last ones, came in by the completion and not by the rule.
    runs : int
        How often the rule was run.
    stopped : str
        Why the rule ended: a code of `docs/reference/voting-rules.md`.
    """

    winners: tuple[int, ...]
    purchases: tuple[Purchase, ...] = ()
    share: Fraction = Fraction(0)
    completed: int = 0
    runs: int = 1
    stopped: str = "done"
