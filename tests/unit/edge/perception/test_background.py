"""What is foreign in a picture: hands and things, and neither light nor sensor nor a camera that shakes."""

import cv2
import numpy as np
import pytest

from edge.perception.background import REACH_REST_S, REST_S, SLOTS_REST_S, Background, Scene
from hardware.ports import Image

FPS = 10
WIDTH, HEIGHT = 320, 180


def shelf() -> Image:
    """A wall and a board with boxes on it: enough structure to see a shift by."""
    chance = np.random.default_rng(2)
    image = cv2.resize(chance.integers(90, 150, (12, 20, 3)).astype(np.uint8), (WIDTH, HEIGHT))
    cv2.rectangle(image, (0, 130), (WIDTH, HEIGHT), (60, 90, 110), -1)
    for x, colour in ((20, (200, 60, 40)), (270, (40, 160, 60))):
        cv2.rectangle(image, (x, 90), (x + 30, 140), colour, -1)
    return np.asarray(image, np.uint8)


def with_arm(image: Image, tip: int = 110, x: int = 150) -> Image:
    image = image.copy()
    cv2.rectangle(image, (x, 0), (x + 24, tip), (120, 150, 215), -1)
    return image


def with_bottle(image: Image, x: int = 150) -> Image:
    image = image.copy()
    cv2.rectangle(image, (x, 70), (x + 26, 140), (210, 140, 40), -1)
    return image


def colourless(image: Image) -> Image:
    return np.asarray(np.repeat(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)[:, :, None], 3, axis=2), np.uint8)


class Film:
    """One camera's background through a film; the moment goes on with each picture."""

    def __init__(self) -> None:
        self.background = Background()
        self.t_s = 0.0

    def show(self, image: Image, seconds: float = 0.1) -> Scene:
        """The last scene of `seconds` of `image`."""
        scene = None
        for _ in range(max(round(seconds * FPS), 1)):
            scene = self.background.observe(image, self.t_s)
            self.t_s += 1 / FPS
        assert scene is not None
        return scene


def share(mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], x: int = 150) -> float:
    """Of the place where the arm and the bottle come."""
    return float(mask[70:110, x + 3 : x + 23].mean())


def test_the_first_picture_is_the_scene_at_rest() -> None:
    scene = Film().show(shelf())
    assert not scene.foreign.any()
    assert not scene.moved.any()


def test_an_arm_reaches_in_from_the_edge() -> None:
    film = Film()
    film.show(shelf(), 1)
    scene = film.show(with_arm(shelf()))
    assert share(scene.reach) > 0.95
    assert share(scene.moved) > 0.95
    gone = film.show(shelf())
    assert not gone.foreign.any()


def test_a_bottle_that_is_put_down_is_foreign_but_no_reach_and_then_belongs_there() -> None:
    film = Film()
    film.show(shelf(), 1)
    fresh = film.show(with_bottle(shelf()))
    assert share(fresh.foreign) > 0.95
    assert not fresh.reach.any()
    assert not film.show(with_bottle(shelf()), REST_S + 1).foreign.any()
    taken = film.show(shelf())
    assert share(taken.foreign) > 0.95


def test_an_arm_that_rests_is_an_arm_for_seconds() -> None:
    film = Film()
    film.show(shelf(), 1)
    assert share(film.show(with_arm(shelf()), REACH_REST_S - 1).reach) > 0.95
    assert not film.show(with_arm(shelf()), 3).foreign.any()


def test_a_line_of_shadow_does_not_tie_a_bottle_to_the_edge() -> None:
    film = Film()
    film.show(shelf(), 1)
    tied = with_bottle(shelf())
    cv2.line(tied, (0, 128), (150, 128), (5, 5, 5), 1)
    assert share(film.show(tied).reach) == 0
    film.show(tied, REST_S + 1)
    assert share(film.show(tied).foreign) == 0


@pytest.mark.parametrize("gain", [0.45, 0.7, 1.25])
def test_the_camera_turns_its_exposure(gain: float) -> None:
    film = Film()
    film.show(shelf(), 1)
    changed = np.clip(shelf() * gain, 0, 255).astype(np.uint8)
    assert film.show(changed).foreign.mean() < 0.01
    arm = np.clip(with_arm(shelf()) * gain, 0, 255).astype(np.uint8)
    assert share(film.show(arm).reach) > 0.95


def test_warm_light_comes_on() -> None:
    film = Film()
    film.show(shelf(), 1)
    warm = np.clip(shelf() * np.array([0.75, 0.9, 1.1]), 0, 255).astype(np.uint8)
    assert film.show(warm).foreign.mean() < 0.01


def test_a_board_so_bright_that_it_saturates_is_not_foreign_when_the_exposure_goes() -> None:
    lit = shelf()
    lit[130:] = 255
    film = Film()
    film.show(lit, 1)
    # The exposure goes up: all but what is at the upper end already grows brighter.
    brighter = np.asarray(np.clip(lit * 1.2, 0, 255), np.uint8)
    assert film.show(brighter).foreign.mean() < 0.01


def test_a_soft_shadow_is_the_same_surface() -> None:
    film = Film()
    film.show(shelf(), 1)
    columns = np.arange(WIDTH)
    shade = 1 - 0.4 * np.exp(-(((columns - 160) / 50) ** 2))
    shaded = (shelf() * shade[None, :, None]).astype(np.uint8)
    assert film.show(shaded).reach.mean() < 0.01


@pytest.mark.parametrize("deviation", [4.0, 10.0])
def test_a_noisy_sensor_sees_no_ghosts_but_still_the_arm(deviation: float) -> None:
    film, chance = Film(), np.random.default_rng(1)

    def noisy(image: Image) -> Image:
        return np.clip(image + chance.normal(0, deviation, image.shape), 0, 255).astype(np.uint8)

    scenes = [film.show(noisy(shelf())) for _ in range(30)]
    assert max(scene.foreign.mean() for scene in scenes[10:]) < 0.01
    assert max(scene.moved.mean() for scene in scenes[10:]) < 0.02
    assert share(film.show(noisy(with_arm(shelf()))).reach) > 0.9


def test_lamps_flicker() -> None:
    film, chance = Film(), np.random.default_rng(1)
    scenes = [film.show(np.clip(shelf() * chance.uniform(0.88, 1.12), 0, 255).astype(np.uint8)) for _ in range(40)]
    assert max(scene.foreign.mean() for scene in scenes) < 0.01
    assert max(scene.moved.mean() for scene in scenes) < 0.01


def test_the_camera_shakes() -> None:
    film, chance = Film(), np.random.default_rng(1)
    film.show(shelf(), 1)
    for _ in range(20):
        right, down = chance.uniform(-3, 3, 2)
        there = np.array([[1, 0, right], [0, 1, down]], np.float32)
        image = np.asarray(cv2.warpAffine(shelf(), there, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE), np.uint8)
        assert film.show(image).foreign.mean() < 0.05


@pytest.mark.parametrize("level", [0, 3, 255])
def test_a_covered_camera_sees_nothing_and_forgets_nothing(level: int) -> None:
    film = Film()
    film.show(shelf(), 1)
    chance = np.random.default_rng(1)
    for number in range(200):
        noise = chance.normal(0, 2, (HEIGHT, WIDTH, 3))
        assert film.background.observe(np.clip(level + noise, 0, 255).astype(np.uint8), 1 + number / FPS) is None
    film.t_s = 30.0
    assert not film.show(shelf()).foreign.any()
    assert share(film.show(with_arm(shelf())).reach) > 0.95


def test_a_camera_that_begins_in_the_dark_begins_with_the_light() -> None:
    film = Film()
    assert film.background.observe(np.zeros((HEIGHT, WIDTH, 3), np.uint8), 0.0) is None
    assert not film.show(shelf()).foreign.any()


@pytest.mark.parametrize("size", [(16, 16), (64, 48), (1280, 720), (333, 517)])
def test_pictures_of_any_size(size: tuple[int, int]) -> None:
    background = Background()
    for number in range(5):
        image = np.asarray(cv2.resize(shelf() if number < 3 else with_arm(shelf()), size), np.uint8)
        scene = background.observe(image, number / FPS)
        assert scene is not None
        height, width = scene.foreign.shape
        assert (width, height) == (round(size[0] * scene.scale), round(size[1] * scene.scale))
        assert scene.reach.shape == scene.moved.shape == scene.foreign.shape


def test_a_grey_camera_at_night_sees_the_arm() -> None:
    grey = colourless(shelf())
    arm = colourless(with_arm(shelf()))
    film = Film()
    film.show(grey, 1)
    assert share(film.show(arm).reach) > 0.9


def test_the_same_film_is_seen_alike() -> None:
    def run() -> list[bytes]:
        film, chance = Film(), np.random.default_rng(4)
        said = []
        for number in range(30):
            image = with_arm(shelf(), tip=5 * number) if number > 10 else shelf()
            scene = film.show(np.clip(image + chance.normal(0, 3, image.shape), 0, 255).astype(np.uint8))
            said.append(scene.foreign.tobytes() + scene.reach.tobytes() + scene.moved.tobytes())
        return said

    assert run() == run()


def test_goods_that_reach_a_little_beyond_their_slot_come_to_rest_and_a_body_does_not() -> None:
    for high, comes_to_rest in ((70, True), (178, False)):
        film = Film()
        film.background = Background([(145.0, 60.0, 36.0, 50.0)])
        film.show(shelf(), 2.0)
        thing = shelf()
        cv2.rectangle(thing, (150, 66), (176, min(66 + high, 170)), (210, 140, 40), -1)
        assert share(film.show(thing, SLOTS_REST_S / 2).reach) > 0.9, "it may be a hand still"
        assert (share(film.show(thing, SLOTS_REST_S).foreign) == 0.0) is comes_to_rest


def test_a_hand_that_was_there_from_the_start_leaves_no_reach_behind() -> None:
    film = Film()
    film.show(with_arm(shelf()), 1)
    assert share(film.show(shelf()).reach) > 0.95
    assert not film.show(shelf(), REST_S + 1).reach.any()
    assert share(film.show(with_arm(shelf())).reach) > 0.95


def test_a_white_board_whose_channels_saturate_one_after_the_other_is_not_foreign_in_another_exposure() -> None:
    lit = shelf().astype(np.float32)
    lit[130:] = (238, 249, 262)
    film = Film()
    film.show(np.asarray(np.clip(lit, 0, 255), np.uint8), 1)
    brighter = lit * 1.06
    brighter[130:] *= 1.04  # The board also loses the shade of what stood on it.
    assert film.show(np.asarray(np.clip(brighter, 0, 255), np.uint8)).foreign.mean() < 0.01


def test_an_arm_in_an_overexposed_picture_is_seen_before_what_is_saturated() -> None:
    film = Film()
    lit = np.clip(shelf() * 2.2, 0, 255).astype(np.uint8)
    film.show(lit, 1)
    assert share(film.show(with_arm(lit)).reach) > 0.9
