"""Whether a camera that gives pictures shows anything: black, frozen, of another size.

Theory of operation. Black is little light for a while. **Frozen** is harder: a shop at night stands still, too. But a
sensor's noise is everywhere and always there, and movement is not. So a camera that has shown noise (in the quieter
quarter of the picture, see look.py, at least `NOISE_MIN` grey levels, for `PROVEN_S`) cannot lose most of it at once
while it lives; when it does, the pictures are one picture sent again. That holds for a picture that is sent byte by
byte, for one in which the camera goes on writing the time of day, and for one that an encoder draws anew each time:
it needs a second to draw what stands still, and differs a little at every key picture, for one or two. So it takes
three noisy pictures in a row to end a still stretch, and noise for `NOISY_S` to end a freeze. A camera that never
showed noise, because its encoder or whoever drew its pictures took it out, is not judged so; the store file's
`frozen_after_s` says otherwise where an installer knows better.

    pictures                                                     problem
    of another size than the store file's                        at once
    hardly lit, for BLACK_S                                      black, until one is lit
    a quarter of the noise before, for FROZEN_S                  frozen, until there is noise again
    the same, for frozen_after_s, where the store file says so   frozen, until three in a row have changed
"""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from hardware.cameras.look import Look

Ill = Literal["size", "black", "frozen"]

BLACK_S = 1.0
FROZEN_S = 1.0
"""With a picture's distance and the way here it is still noticed within 2 s."""
LIT_SHARE = 0.005
"""A black picture may have a lit corner of this share: an emergency lamp's reflection, a hot pixel."""
NOISE_MIN = 0.5
"""Grey levels. Uncompressed and MJPEG cameras have 1 and more; less may be an encoder's own doing."""
NOISY_S = 1.5
NOISY_PICTURES = 8
NOISY_OF = 0.8
"""Noise is there when this part of the pictures of `NOISY_S`, and of at least so many, has it: some come twice."""
PROVEN_S = 10.0
"""For so long noise must have been there before its end means something: a large movement lasts a second or two."""
STILL = 0.25
"""Of the noise before: so little is left when one picture is drawn again."""
SAME_LEVELS = 0.05
NOISE_MEMORY_S = 5.0
"""An encoder draws for a second or two at what stands still; a room that grows dark takes longer to lose its noise."""
MOVED_PICTURES = 3
NOTED_MAX = 512


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the pictures, and what to do about it."""

    ill: Ill
    reason: str


@dataclass(slots=True)
class Sight:
    """Judges one camera's pictures of `size`, in order. Times are seconds of any clock that goes on."""

    size: tuple[int, int]
    frozen_after_s: float | None = None
    _dark_since_s: float | None = field(default=None, init=False)
    _still_since_s: float | None = field(default=None, init=False)
    _moved: int = field(default=0, init=False)
    _noted: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=NOTED_MAX), init=False)
    _noise: float = field(default=0.0, init=False)
    _noisy_since_s: float | None = field(default=None, init=False)
    _noisy_at_s: float = field(default=-math.inf, init=False)
    _proven_at_s: float = field(default=-math.inf, init=False)
    _is_frozen: bool = field(default=False, init=False)

    def begin(self) -> None:
        """The source was opened anew: what it showed before says nothing, but that it was frozen until it thaws."""
        self._dark_since_s = self._still_since_s = None
        self._moved = 0
        self._noted.clear()

    def wrong_size(self, size: tuple[int, int]) -> Problem | None:
        """What is wrong with a picture of `size`, if anything."""
        if size == self.size:
            return None
        return Problem(
            "size",
            f"it gives {size[0]}×{size[1]} pictures; the store file says {self.size[0]}×{self.size[1]}, and its views "
            "and points are in those pixels. Set the camera to that size, or correct `size` and draw anew",
        )

    def judge(self, look: Look, t_s: float) -> Problem | None:
        """What is wrong with the pictures up to this one, taken at `t_s`."""
        return self._black(look, t_s) or self._frozen(look, t_s)

    def _black(self, look: Look, t_s: float) -> Problem | None:
        if look.lit > LIT_SHARE:
            self._dark_since_s = None
            return None
        if self._dark_since_s is None:
            self._dark_since_s = t_s
        if t_s - self._dark_since_s < BLACK_S:
            return None
        return Problem("black", "its pictures are black; is it covered, or is the light off?")

    def _frozen(self, look: Look, t_s: float) -> Problem | None:
        if look.noise is not None and look.motion is not None:
            self._note(look.noise, look.motion, t_s)
            if self._is_frozen:
                self._is_frozen = not self._thaws(t_s)
            elif self._still_since_s is not None and self._moved == 0:
                self._is_frozen = t_s - self._still_since_s >= self._limit_s(t_s)
        return _FROZEN if self._is_frozen else None

    def _note(self, noise: float, motion: float, t_s: float) -> None:
        self._noted.append((t_s, noise))
        while self._noted[0][0] < t_s - NOISY_S:
            self._noted.popleft()
        ordered = sorted(each for _, each in self._noted)
        quiet = ordered[int((1.0 - NOISY_OF) * len(ordered))]
        if len(ordered) >= NOISY_PICTURES and self._noted[0][0] <= t_s - 0.8 * NOISY_S:
            self._weigh(quiet, t_s)
        told = self.frozen_after_s is not None
        moved = motion > SAME_LEVELS if told else noise > STILL * self._noise
        self._moved = self._moved + 1 if moved else 0
        if self._moved >= MOVED_PICTURES:
            self._still_since_s = None
        elif self._moved == 0 and self._still_since_s is None:
            self._still_since_s = t_s

    def _weigh(self, quiet: float, t_s: float) -> None:
        """Tell from the noise `quiet` of a window of pictures whether the camera's own noise is there."""
        if quiet < max(NOISE_MIN, 2.0 * STILL * self._noise):
            # A frozen camera is measured by the noise it had.
            self._noisy_since_s = self._noisy_since_s if self._is_frozen else None
            self._noise = self._noise if self._is_frozen or t_s - self._proven_at_s <= NOISE_MEMORY_S else 0.0
            return
        if self._noisy_since_s is None:
            self._noisy_since_s = self._noisy_at_s = t_s
            self._noise = max(self._noise, quiet)
        # Slowly: what is left when the noise ends must not become its measure.
        share = min((t_s - self._noisy_at_s) / NOISE_MEMORY_S, 1.0)
        self._noise += share * (quiet - self._noise)
        self._noisy_at_s = t_s
        if t_s - self._noisy_since_s >= PROVEN_S:
            self._proven_at_s = t_s

    def _limit_s(self, t_s: float) -> float:
        assert self._still_since_s is not None, "asked only while it stands still"
        if self.frozen_after_s is not None:
            return self.frozen_after_s
        return FROZEN_S if t_s - self._proven_at_s <= NOISE_MEMORY_S else math.inf

    def _thaws(self, t_s: float) -> bool:
        return self._still_since_s is None if self.frozen_after_s is not None else self._noisy_at_s == t_s


_FROZEN = Problem("frozen", "its pictures are one and the same again and again; switch it off and on")
