"""Who holds a phone up to the gate, and when: a moment before they pass it, with the code of their token on it."""

from hardware.simulated.world.timeline import Timeline

BEFORE_S, AFTER_S = 1.0, 0.25


class Phones:
    """The phones of a played scene."""

    def __init__(self, timeline: Timeline) -> None:
        names = {member.token: member.name for member in timeline.scene.cast if member.token is not None}
        self._shown = [
            (line.t_s - BEFORE_S, line.t_s + AFTER_S, names[line.token], line.token)
            for line in timeline.gate
            if line.event == "enter"
        ]

    def at(self, t_s: float) -> dict[str, str]:
        """Who holds one up at `t_s`, and the token on it."""
        return {name: token for from_s, to_s, name, token in self._shown if from_s <= t_s <= to_s}
