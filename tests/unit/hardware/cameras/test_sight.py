"""Whether a camera shows anything: looks at pictures as cameras, encoders and people make them."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from hardware.cameras.look import Glance, Look
from hardware.cameras.sight import PROVEN_S, Sight
from hardware.ports import Image

SIZE = (160, 96)
FPS = 10


def ground() -> Image:
    rng = np.random.default_rng(3)
    return np.asarray(cv2.resize(rng.integers(30, 220, (9, 16, 3)).astype(np.uint8), SIZE), np.uint8)


def noisy(pictures: int, sigma: float = 3.0, seed: int = 0) -> Iterator[Image]:
    rng, scene = np.random.default_rng(seed), ground().astype(np.float32)
    for _ in range(pictures):
        noise = rng.standard_normal(scene.shape, np.float32) * np.float32(sigma)
        yield np.clip(scene + noise, 0, 255).astype(np.uint8)


def walked_through(pictures: int) -> Iterator[Image]:
    """A scene without any noise, in which somebody walks about."""
    for number in range(pictures):
        image = ground()
        cv2.rectangle(image, (number * 7 % 150, 20), (number * 7 % 150 + 30, 90), (20, 60, 200), -1)
        yield image


def still(pictures: int) -> Iterator[Image]:
    for _ in range(pictures):
        yield ground()


def ills(sight: Sight, pictures: Iterator[Image], begin_s: float = 0.0) -> list[tuple[float, str]]:
    glance = Glance()
    found: list[tuple[float, str]] = []
    for number, image in enumerate(pictures):
        t_s = begin_s + number / FPS
        problem = sight.judge(glance.look(image), t_s)
        if problem is not None:
            found.append((round(t_s, 3), problem.ill))
    return found


def chain(*parts: Iterator[Image]) -> Iterator[Image]:
    for part in parts:
        yield from part


def test_a_living_camera_is_well_in_a_still_room() -> None:
    assert ills(Sight(SIZE), noisy(200)) == []


def test_one_picture_again_and_again_is_frozen_within_two_seconds() -> None:
    last = next(noisy(1, seed=9))
    found = ills(Sight(SIZE), chain(noisy(150), (last for _ in range(40))))
    assert found[0][1] == "frozen"
    assert 15.0 < found[0][0] <= 16.5


def test_a_clock_in_a_frozen_picture_does_not_deceive() -> None:
    def frozen_with_clock() -> Iterator[Image]:
        for number in range(40):
            image = ground()
            cv2.putText(image, f"12:00:{number:02}", (5, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 255), 1)
            yield image

    assert ills(Sight(SIZE), chain(noisy(150), frozen_with_clock()))[0][1] == "frozen"


def test_key_pictures_of_a_frozen_picture_do_not_deceive() -> None:
    """An encoder draws the same picture a little otherwise every second, and back."""
    pulsing = (np.clip(ground().astype(np.int16) + 2 * (n % 10 == 0), 0, 255).astype(np.uint8) for n in range(60))
    found = ills(Sight(SIZE), chain(noisy(150), pulsing))
    assert found[0][0] <= 16.5
    assert found[-1][0] == 20.9


@pytest.mark.parametrize("moving", [walked_through, still])
def test_pictures_without_noise_are_not_judged_by_it(moving: object) -> None:
    assert callable(moving)
    assert ills(Sight(SIZE), chain(moving(150), still(100), moving(50))) == []


def test_movement_alone_is_no_noise_however_large() -> None:
    """Someone passes close before a camera whose encoder takes the noise out, and then nobody does."""

    def everything_moves() -> Iterator[Image]:
        for number in range(int((PROVEN_S - 2.0) * FPS)):
            yield np.asarray(np.roll(ground(), 11 * number, axis=1), np.uint8)

    assert ills(Sight(SIZE), chain(still(30), everything_moves(), still(100))) == []


def test_a_room_that_grows_dark_slowly_may_lose_its_noise() -> None:
    fading = (next(noisy(1, sigma=3.0 * 0.99**n, seed=n)) for n in range(400))
    assert ills(Sight(SIZE), chain(noisy(150), fading, still(50))) == []


def test_a_frozen_camera_is_well_again_when_it_has_its_noise_back() -> None:
    found = ills(Sight(SIZE), chain(noisy(150), still(50), noisy(50, seed=2)))
    assert found[-1][0] <= 20.0 + 2.0


def test_what_was_frozen_is_frozen_after_opening_anew() -> None:
    sight = Sight(SIZE)
    assert ills(sight, chain(noisy(150), still(30)))
    sight.begin()
    again = ills(sight, still(20), begin_s=20.0)
    assert [ill for _, ill in again] == ["frozen"] * 20
    sight.begin()
    assert ills(sight, noisy(40, seed=4), begin_s=30.0)[-1][0] < 32.0


def test_the_store_file_may_say_how_long_pictures_may_stand_still() -> None:
    found = ills(Sight(SIZE, frozen_after_s=5.0), chain(walked_through(30), still(80), walked_through(30)))
    assert found[0] == (8.1, "frozen")
    assert found[-1][0] <= 11.5


def test_black_is_said_after_a_second_and_taken_back_at_once() -> None:
    dark = (np.random.default_rng(n).integers(0, 12, (SIZE[1], SIZE[0], 3)).astype(np.uint8) for n in range(30))
    found = ills(Sight(SIZE), chain(noisy(20), dark, noisy(20)))
    assert found[0] == (3.0, "black")
    assert found[-1] == (4.9, "black")


def test_a_lamp_that_flickers_is_not_black() -> None:
    one_dark = chain(*(chain(noisy(9, seed=n), iter([np.zeros((SIZE[1], SIZE[0], 3), np.uint8)])) for n in range(5)))
    assert ills(Sight(SIZE), one_dark) == []


def test_another_size_is_said_with_both() -> None:
    problem = Sight((640, 360)).wrong_size((1280, 720))
    assert problem is not None
    assert "gives 1280×720 pictures; the store file says 640×360" in problem.reason
    assert Sight((640, 360)).wrong_size((640, 360)) is None


def test_a_first_look_has_nothing_to_compare_with() -> None:
    glance = Glance()
    assert glance.look(ground()).noise is None
    assert glance.look(ground()) == Look(1.0, 0.0, 0.0)
    assert glance.look(np.zeros((16, 16, 3), np.uint8)).noise is None
    assert glance.look(np.zeros((16, 16, 3), np.uint8)).noise == 0.0
