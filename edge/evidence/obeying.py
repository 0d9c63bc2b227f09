"""What the cloud asks about clips: send one, erase a visit's. Done as often as it is asked; both are harmless twice."""

from collections.abc import Callable

from edge.evidence.sealed_clips import EvidenceError, SealedClips
from protocol.commands import Command, CommandError, EraseEvidence, FetchClip, order_of
from protocol.events import Commanded
from protocol.evidence import ClipSent, digest_of

NOT_HERE = "the store does not have this clip: it has expired, was erased, or there was no room for it"


class NotNow(Exception):
    """It cannot be done at this moment; the cloud asks again."""


class ClipOrders:
    """Does them for `device`; `show` puts a clip on its way to the cloud, and says whether there is one."""

    def __init__(self, clips: SealedClips | None, device: str, show: Callable[[ClipSent], bool]) -> None:
        self._clips, self._device, self._show = clips, device, show

    def obey(self, command: Command) -> Commanded | None:
        """Do `command`; None where it is about something else. Raises NotNow."""
        try:
            order = order_of(command)
        except CommandError:
            return None
        match order:
            case FetchClip():
                clip = None if self._clips is None else self._clips.get(order.sha256)
                if clip is None or digest_of(clip) != order.sha256:
                    return Commanded(command=command.id, done=False, reason=NOT_HERE)
                if not self._show(ClipSent(device=self._device, sha256=order.sha256, clip=clip)):
                    raise NotNow
                return Commanded(command=command.id, done=True)
            case EraseEvidence():
                try:
                    if self._clips is not None:
                        self._clips.erase(order.visits)
                except EvidenceError as error:
                    raise NotNow from error
                return Commanded(command=command.id, done=True)
            case _:
                return None
