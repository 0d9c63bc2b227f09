"""What a store's light shows people at the gate, and for how long: pure, by the readings' own clock.

    state      on                                        to         shows
    ready      a token was let in                        open       green
    ready      a token was refused, for its own sake     refused    red
    ready      … because the store cannot decide         help       amber: a person should look
    ready      a good token waits for its money          wait       amber
    any        `SHOWN_S` later, or another token         ready / by that token
    any        the store is not trading                  closed     red

Ready shows green: come in. What was shown last counts: after a refusal the next good token is green at once.
"""

from dataclasses import dataclass
from enum import Enum

from hardware.ports import LightState

SHOWN_S = 3.0
"""Long enough to be read by whoever holds a phone; the next shopper is not shown the one before."""


class Answer(Enum):
    """What became of a token."""

    LET_IN = "green"
    REFUSED = "red"
    HELP = "amber"
    WAIT = "asking"


@dataclass(slots=True)
class Lane:
    """One lane's state."""

    _answer: Answer | None = None
    _since_s: float = 0.0

    def answered(self, answer: Answer, t_s: float) -> None:
        """A token was answered."""
        self._answer, self._since_s = answer, t_s

    def shows(self, t_s: float, *, trading: bool) -> LightState:
        """What is shown at `t_s`."""
        if self._answer is not None and t_s - self._since_s >= SHOWN_S:
            self._answer = None
        match self._answer:
            case Answer.REFUSED:
                return "red"
            case Answer.HELP | Answer.WAIT:
                return "amber"
            case Answer.LET_IN:
                return "green"
            case None:
                return "green" if trading else "red"
