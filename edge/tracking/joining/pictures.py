"""What nodes publish of people, one by one, put together to what one camera saw in one picture."""

from edge.tracking.floor import PersonOnFloor


class Pictures:
    """Collects observations; a picture is whole when another camera's, or a later moment, begins."""

    def __init__(self) -> None:
        self._open: list[PersonOnFloor] = []

    def add(self, person: PersonOnFloor) -> tuple[PersonOnFloor, ...]:
        """Take in one observation; the picture before it, if it is whole by that."""
        whole: tuple[PersonOnFloor, ...] = ()
        if self._open and (self._open[0].camera, self._open[0].t_s) != (person.camera, person.t_s):
            whole = self.close()
        self._open.append(person)
        return whole

    def until(self, t_s: float) -> tuple[PersonOnFloor, ...]:
        """Nothing from before `t_s` will come any more: the picture that is whole by that."""
        return self.close() if self._open and self._open[0].t_s < t_s else ()

    def close(self) -> tuple[PersonOnFloor, ...]:
        """What there is of the last picture."""
        whole, self._open = tuple(self._open), []
        return whole
