import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from hardware.simulated.errors import SimulationError
from hardware.simulated.layout.layout import Viewpoint
from hardware.simulated.layout.projection import project
from hardware.simulated.sensor.exposure import Flicker, RollingShutter
from hardware.simulated.sensor.faults import Fault, Knock
from hardware.simulated.sensor.film import Blur, Jpeg, Noise, Vignette
from hardware.simulated.sensor.lens import Lens
from hardware.simulated.sensor.presets import PRESETS, sensor_of
from hardware.simulated.sensor.sensor import PERFECT, Film, Sensor
from hardware.simulated.sensor.timing import Clock, Delivery
from hardware.simulated.sensor.tone import Tone

CORNER = Viewpoint("corner", (0.2, 0.3, 2.6), (3.0, 2.5, 0.6), 88.0)
SIZE = (320, 180)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def picture(seed: int = 1) -> np.ndarray:
    return rng(seed).integers(0, 255, (SIZE[1], SIZE[0], 3)).astype(np.uint8)


def test_a_straight_lens_projects_as_the_layout_does() -> None:
    points = np.array([(2.0, 2.0, 0.0), (3.0, 1.5, 1.2), (4.0, 4.0, 2.0)])
    for ours, theirs in zip(Lens().project(CORNER, SIZE, points), project(CORNER, SIZE, points), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-9)


@pytest.mark.parametrize("lens", [Lens(-0.12), Lens(-0.25, 0.05), Lens(0.08)])
def test_undistort_undoes_distort(lens: Lens) -> None:
    flat = rng().uniform(-0.9, 0.9, (200, 2))
    np.testing.assert_allclose(lens.undistort(lens.distort(flat)), flat, atol=1e-4)


def test_a_mark_on_the_floor_is_where_the_projection_says_in_the_bent_picture() -> None:
    lens, mark = Lens(-0.15), np.array([(2.2, 2.6, 0.0)])
    straight = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    x, y = project(CORNER, SIZE, mark)[0][0].astype(int)
    straight[y - 1 : y + 2, x - 1 : x + 2] = 255
    bent = lens.bend(straight, CORNER.fov_deg)[:, :, 0].astype(float)
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    middle = (columns * bent).sum() / bent.sum(), (rows * bent).sum() / bent.sum()
    np.testing.assert_allclose(middle, lens.project(CORNER, SIZE, mark)[0][0], atol=0.8)


@pytest.mark.parametrize("lens", [Lens(-0.05), Lens(-0.1), Lens(0.06), Lens()])
def test_a_canvas_fills_the_bent_picture_to_its_corners(lens: Lens) -> None:
    drawn, fov_deg = lens.canvas(SIZE, CORNER.fov_deg)
    assert all(wide >= side for wide, side in zip(drawn, SIZE, strict=True))
    ids = np.ones((drawn[1], drawn[0]), np.uint16)
    bent = lens.bend_ids(ids, CORNER.fov_deg, SIZE)
    assert bent.shape == (SIZE[1], SIZE[0])
    assert (bent == 1).all()
    focal = drawn[0] / 2 / math.tan(math.radians(fov_deg) / 2)
    assert focal == pytest.approx(SIZE[0] / 2 / math.tan(math.radians(CORNER.fov_deg) / 2))


def test_a_mark_is_in_the_same_place_of_the_bent_picture_whatever_it_was_drawn_on() -> None:
    lens, mark = Lens(-0.08), np.array([(2.2, 2.6, 0.0)])
    drawn, fov_deg = lens.canvas(SIZE, CORNER.fov_deg)
    canvas = np.zeros((drawn[1], drawn[0], 3), np.uint8)
    x, y = project(replace(CORNER, fov_deg=fov_deg), drawn, mark)[0][0].astype(int)
    canvas[y - 1 : y + 2, x - 1 : x + 2] = 255
    bent = lens.bend(canvas, CORNER.fov_deg, SIZE)[:, :, 0].astype(float)
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    middle = (columns * bent).sum() / bent.sum(), (rows * bent).sum() / bent.sum()
    np.testing.assert_allclose(middle, lens.project(CORNER, SIZE, mark)[0][0], atol=0.8)


def test_what_lies_far_outside_is_never_folded_back_into_the_picture() -> None:
    lens = Lens(-0.12)
    far = np.stack([np.linspace(0.1, 40.0, 400), np.zeros(400)], axis=1)
    assert (np.diff(lens.distort(far)[:, 0]) >= -1e-12).all()


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("preset", PRESETS)
def test_a_presets_lens_reaches_its_pictures_corners(preset: str, seed: int) -> None:
    sensor = sensor_of(preset, replace(CORNER, fov_deg=60.0 + 3.0 * seed), SIZE, seed)
    focal = SIZE[0] / 2 / math.tan(math.radians(60.0 + 3.0 * seed) / 2)
    corner = np.array([[SIZE[0] / 2, SIZE[1] / 2]]) / focal
    np.testing.assert_allclose(sensor.lens.distort(sensor.lens.undistort(corner)), corner, atol=1e-3)
    assert sensor_of(preset, CORNER, SIZE, seed) == sensor_of(preset, CORNER, SIZE, seed)


def test_presets_get_worse_and_an_unknown_one_is_named() -> None:
    sharpness = [
        np.mean([sensor_of(preset, CORNER, SIZE, seed).blur.sigma_px for seed in range(8)]) for preset in PRESETS
    ]
    assert sharpness == sorted(sharpness)
    with pytest.raises(SimulationError, match="clean, good, worn, bad"):
        sensor_of("awful", CORNER, SIZE, 0)


def test_a_stop_more_light_doubles_it_and_warmth_is_red() -> None:
    grey = np.full((4, 4, 3), 100, np.uint8)
    brighter = Tone(ev=1.0).render(grey)[0, 0].astype(float)
    np.testing.assert_allclose((brighter / 100.0) ** 2.2, 2.0, rtol=0.02)
    blue, green, red = Tone(warmth=0.5).render(grey)[0, 0].tolist()
    assert blue < green < red
    assert (Tone(ev=9.0).render(grey) == 255).all()


def test_bent_ids_are_moved_and_never_mixed() -> None:
    ids = np.zeros((SIZE[1], SIZE[0]), np.uint16)
    ids[60:120, 100:200] = 1024
    ids[80:100, 140:160] = 5
    assert set(np.unique(Lens(-0.2).bend_ids(ids, 90.0))) == {0, 5, 1024}


def test_a_rolling_shutter_reads_its_upper_rows_earlier() -> None:
    before, now = np.zeros((100, 4, 3), np.uint8), np.full((100, 4, 3), 200, np.uint8)
    rows = RollingShutter(0.05).expose(before, now, 0.1)[:, 0, 0]
    assert rows[0] == pytest.approx(100, abs=1)
    assert rows[-1] == 200
    assert (np.diff(rows.astype(int)) >= 0).all()


def test_mains_flicker_makes_bands_that_wander() -> None:
    grey = np.full((200, 4, 3), 150, np.uint8)
    flicker = Flicker(0.3, 50.0, 0.03)
    one, other = flicker.light(grey, 1.0)[:, 0, 0], flicker.light(grey, 1.003)[:, 0, 0]
    assert one.min() < 115 < 145 < one.max()
    assert (one != other).any()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda image: Blur(0.0).soften(image),
        lambda image: Vignette(0.0).darken(image),
        lambda image: Noise(0.0).add(image, rng()),
        lambda image: Jpeg(0).compress(image),
        lambda image: Lens().bend(image, 90.0),
        lambda image: Flicker().light(image, 1.0),
        lambda image: Film(PERFECT, rng()).develop(image, 90.0, 0.0),
    ],
)
def test_what_is_switched_off_changes_nothing(spoil: object) -> None:
    assert callable(spoil)
    assert (spoil(picture()) == picture()).all()


def test_noise_is_as_strong_as_it_says_and_the_same_for_the_same_stream() -> None:
    grey = np.full((360, 640, 3), 128, np.uint8)
    noisy = Noise(4.0).add(grey, rng(3))
    assert noisy.astype(float).std() == pytest.approx(4.0, rel=0.1)
    assert (noisy == Noise(4.0).add(grey, rng(3))).all()
    assert (noisy != Noise(4.0).add(grey, rng(4))).any()


def test_corners_are_darker_and_blur_is_softer_and_jpeg_is_close() -> None:
    white = np.full((90, 160, 3), 200, np.uint8)
    dark = Vignette(0.3).darken(white)
    assert dark[0, 0, 0] == pytest.approx(140, abs=2)
    assert dark[45, 80, 0] == pytest.approx(200, abs=2)
    assert Blur(1.5).soften(picture()).std() < picture().std() / 2
    smooth = Blur(3.0).soften(picture())
    assert np.abs(Jpeg(90).compress(smooth).astype(int) - smooth).mean() < 3


def test_a_clock_is_off_and_drifts() -> None:
    assert Clock(0.25, 40.0).says(10_000.0) == pytest.approx(10_000.65)


def test_frames_are_dropped_and_late_but_never_out_of_order() -> None:
    ticks = list(Delivery(0.2, 0.05, 0.1).ticks(10.0, 100.0, Clock(), rng()))
    assert 700 < len(ticks) < 880
    assert [tick.index for tick in ticks] == sorted({tick.index for tick in ticks})
    assert all(b.arrives_s >= a.arrives_s for a, b in itertools.pairwise(ticks))
    assert all(tick.arrives_s >= tick.taken_s + 0.05 for tick in ticks)


def test_nothing_comes_in_a_gap_and_the_others_are_as_without_it() -> None:
    whole = list(Delivery(0.2, 0.05, 0.01).ticks(10.0, 20.0, Clock(), rng()))
    torn = list(Delivery(0.2, 0.05, 0.01, gaps=((5.0, 9.0),)).ticks(10.0, 20.0, Clock(), rng()))
    assert torn == [tick for tick in whole if not 5.0 <= tick.taken_s < 9.0]
    assert len(torn) < len(whole)


def test_a_camera_that_stamps_nothing_has_times_that_rise_by_arrival() -> None:
    ticks = list(Delivery(0.1, 0.2, 0.5, stamped_on_arrival=True).ticks(10.0, 30.0, Clock(0.1), rng()))
    assert all(b.stamp_s > a.stamp_s for a, b in itertools.pairwise(ticks))
    assert all(tick.stamp_s == pytest.approx(tick.arrives_s + 0.1) for tick in ticks)


def test_without_faults_every_frame_comes() -> None:
    assert [tick.index for tick in Delivery().ticks(5.0, 2.0, Clock(), rng())] == list(range(10))


def test_a_camera_freezes_and_goes_black_and_comes_back() -> None:
    sensor = Sensor(
        blur=Blur(0.0),
        noise=Noise(0.0),
        vignette=Vignette(0.0),
        faults=(Fault("frozen", 1.0, 2.0), Fault("black", 3.0, 4.0)),
    )
    film = Film(sensor, rng())
    given = [film.develop(picture(n), 90.0, n * 0.5) for n in range(9)]
    assert (given[2] == picture(1)).all()
    assert (given[3] == picture(1)).all()
    assert (given[4] == picture(4)).all()
    assert not given[6].any()
    assert (given[8] == picture(8)).all()


def test_a_knocked_camera_looks_elsewhere_until_it_is_put_right() -> None:
    knock = Knock(5.0, right_deg=10.0, down_deg=-4.0, until_s=9.0)
    assert knock.viewpoint(CORNER, 4.9) == CORNER
    assert knock.viewpoint(CORNER, 9.0) == CORNER
    moved = knock.viewpoint(CORNER, 6.0)
    before, after = np.subtract(CORNER.target, CORNER.eye), np.subtract(moved.target, moved.eye)
    cosine = before @ after / np.linalg.norm(before) / np.linalg.norm(after)
    assert math.degrees(math.acos(cosine)) == pytest.approx(10.75, abs=0.5)
    pixel, _ = project(moved, SIZE, np.array([CORNER.target]))
    assert pixel[0, 0] < SIZE[0] / 2
    assert pixel[0, 1] < SIZE[1] / 2 + 40
