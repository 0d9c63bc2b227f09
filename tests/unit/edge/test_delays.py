from edge.delays import KEPT, Delays


def test_quantiles_are_delays_that_so_many_pictures_stay_within() -> None:
    delays = Delays()
    for number in range(1, 101):
        delays.add(number / 1000.0)
    assert delays.frames == 100
    assert delays.quantile_s(0.5) == 0.051
    assert delays.quantile_s(0.99) == 0.1
    assert delays.quantile_s(1.0) == 0.1


def test_a_play_that_keeps_no_time_has_pictures_and_no_delays() -> None:
    delays = Delays()
    delays.add(None)
    assert (delays.frames, delays.quantile_s(0.5)) == (1, None)


def test_only_the_newest_are_kept() -> None:
    delays = Delays()
    for number in range(KEPT + 5):
        delays.add(float(number))
    assert delays.frames == KEPT + 5
    assert delays.quantile_s(0.0) == 5.0
