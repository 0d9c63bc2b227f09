from itertools import pairwise

import numpy as np

from hardware.simulated.cameras import SimulatedCamera
from hardware.simulated.sensor.faults import Fault, Knock
from hardware.simulated.sensor.lens import Lens
from hardware.simulated.sensor.sensor import PERFECT, Sensor
from hardware.simulated.sensor.timing import Clock, Delivery
from hardware.simulated.world.state import WorldState
from tests.unit.hardware.simulated.drawing import moment, renderer, shop, somebody


def walking(t_s: float) -> WorldState:
    return moment(somebody(x=1.2 + t_s))


def camera(sensor: Sensor, seed: int = 1) -> SimulatedCamera:
    name = shop().store.cameras[0].id
    rng = np.random.default_rng(seed)
    return SimulatedCamera(name, shop(), walking, renderer(), sensor, rng, fps=5.0, duration_s=1.0)


def test_frames_come_at_the_cameras_rate_and_somebody_moves_in_them() -> None:
    frames = list(camera(PERFECT).frames())
    assert [frame.index for frame in frames] == [0, 1, 2, 3, 4]
    assert [round(frame.t_s, 3) for frame in frames] == [0.0, 0.2, 0.4, 0.6, 0.8]
    assert all((a.image != b.image).any() for a, b in pairwise(frames))


def test_the_same_stream_gives_the_same_frames_and_another_other_noise() -> None:
    one, same, other = (list(camera(Sensor(), seed).frames()) for seed in (1, 1, 2))
    assert all((a.image == b.image).all() for a, b in zip(one, same, strict=True))
    assert all((a.image != b.image).any() for a, b in zip(one, other, strict=True))


def test_dropped_frames_keep_their_number_and_a_clock_that_is_off_says_so() -> None:
    frames = list(camera(Sensor(clock=Clock(10.0), delivery=Delivery(drop_share=0.5)), 3).frames())
    assert 0 < len(frames) < 5
    assert all(abs(frame.t_s - 10.0 - frame.index / 5.0) < 1e-9 for frame in frames)


def test_a_camera_freezes_and_is_knocked_askew() -> None:
    frozen = Sensor(noise=PERFECT.noise, faults=(Fault("frozen", 0.3),))
    first, second, *rest = camera(frozen).frames()
    assert (first.image != second.image).any()
    assert all((frame.image == second.image).all() for frame in rest)
    still, moved = (list(camera(sensor).frames()) for sensor in (PERFECT, Sensor(knocks=(Knock(0.5, 20.0),))))
    assert np.abs(still[4].image.astype(int) - moved[4].image).mean() > 5


def test_ids_are_bent_as_the_picture_is() -> None:
    name = shop().store.cameras[0].id
    straight = renderer().shoot(walking(0.0), name)
    _, shot = next(iter(camera(Sensor(lens=Lens(-0.1))).frames_with_ids()))
    assert straight.ids is not None
    assert shot.ids is not None
    assert (shot.ids != straight.ids).any()
    assert set(np.unique(shot.ids)) <= set(np.unique(straight.ids))


def test_a_closed_camera_stops() -> None:
    open_camera = camera(PERFECT)
    frames = open_camera.frames()
    next(frames)
    open_camera.close()
    assert list(frames) == []
