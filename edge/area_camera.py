"""One area camera: from its pictures to where people stand on the floor.

picture ─▶ persons ─▶ tracker ─▶ floor ─▶ people, with their wrists where these are looked for
"""

from edge.perception.certainty import certain
from edge.perception.clothing import clothing
from edge.perception.networks import Networks
from edge.perception.person_watch import PersonWatch
from edge.perception.tiles import tiled
from edge.perception.wrist_watch import WristWatch
from edge.tracking.floor import Floor, PersonOnFloor, look_of
from edge.tracking.tracker import Track, Tracker
from hardware.ports import Frame
from protocol.store import Camera, Gondola


class AreaCamera:
    """Follows people through one camera's pictures; call in the order of time.

    Raises CalibrationError for floor points that no camera could see so.
    """

    def __init__(self, camera: Camera, gondolas: tuple[Gondola, ...], networks: Networks) -> None:
        self._persons = PersonWatch(tiled(networks.persons, camera.tiles), gated=networks.gated)
        self._tracker = Tracker()
        self._floor = Floor.of(camera) if camera.floor_points or camera.floor_view else None
        self._wrists = WristWatch(networks.pose if networks.wrists else None, camera, gondolas)
        self.followed: tuple[Track, ...] = ()
        """Who is followed in the latest picture; unconfirmed tracks are nobody yet."""

    def people(self, frame: Frame) -> list[PersonOnFloor]:
        """Where people stand in the picture; nobody where the store file does not tell where its floor is."""
        found = certain(self._persons.detect(frame))
        tracks = self._tracker.update(found, frame.t_s, clothing(frame.image, found.boxes))
        self.followed = tuple(track for track in tracks if track.confirmed)
        if self._floor is None:
            return []
        standing = [
            (track, place)
            for track in self.followed
            # A box that is only carried on says where somebody may have gone, and the joining knows better.
            if track.seen and (place := self._floor.under(track.box)) is not None
        ]
        wrists = self._wrists.of(frame.image, [(track.box, place[:2]) for track, place in standing])
        return [
            PersonOnFloor(frame.t_s, frame.camera, track.number, *place, hands, look_of(track))
            for (track, place), hands in zip(standing, wrists, strict=True)
        ]
