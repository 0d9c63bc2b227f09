"""The demo's last words."""

from tillfree.demo.show import summary

REPORT = {
    "receipts": [{"exact": True}, {"exact": False}],
    "exit_to_receipt_ms": [310.0, 290.0],
    "pictures": {"seen": 812, "left_out": 3, "delay_ms": {"p50": 44, "p99": 131}},
    "memory_mb": {"together": 540, "each": {"edge": 420, "cloud": 90}},
}


def test_they_say_what_came_out_right_and_how_fast() -> None:
    assert summary(REPORT) == [
        "2 receipts, 1 of 2 exactly what was really taken; the slowest 0.3 s after the exit",
        "812 pictures seen, 3 left out; half done 44 ms after they were taken, 99 % 131 ms",
        "540 MB of memory at most, 420 of them the edge",
    ]


def test_of_what_is_not_known_they_say_nothing() -> None:
    fast = {"seen": 1, "left_out": 0, "delay_ms": None}
    report = {"receipts": [{}], "exit_to_receipt_ms": [90.0], "pictures": fast, "memory_mb": None}
    assert summary(report) == ["1 receipt; the slowest 0.1 s after the exit", "1 picture seen, 0 left out"]
    assert summary({"receipts": [], "exit_to_receipt_ms": [], "pictures": None, "memory_mb": None}) == []
