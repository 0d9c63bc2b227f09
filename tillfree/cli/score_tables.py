"""How scores of recordings look on a terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tillfree.evaluate.events import EventScore, Occurrence
from tillfree.evaluate.recording import RecordingScore

NO_TRUTH = "[dim]no truth[/dim]"
ALIKE = ("true", "false", "missed")


def events_table(events: Mapping[str, Any]) -> Table:
    """What was said against what happened, by type."""
    table = Table("events", "right", "false", "missed", "precision", "recall", "F1", title_justify="left")
    for name, row in (("all that count", events), *events["by_type"].items()):
        counts = (str(row[key]) for key in ALIKE)
        table.add_row(
            name.replace("_", "-"),
            *counts,
            *EventScore(*(row[key] for key in ALIKE)).rates(),
            end_section=name == "all that count",
        )
    return table


def summary_table(result: Mapping[str, Any]) -> Table:
    """Everything else, a line a figure with its meaning."""
    table = Table("figure", "value", "what it says", show_lines=False)
    for row in _rows(result):
        table.add_row(*row)
    return table


def _rows(result: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    receipts, calibration, feet, delay = (result[key] for key in ("receipts", "calibration", "feet", "delay"))
    events = result["events"]
    yield "event F1", _share(None if events is None else events["f1"]), "picks and put-backs: what, who, where, when"
    exact = NO_TRUTH if receipts is None else f"{receipts['exact']} of {receipts['total']}"
    yield "receipts exact", exact, "charged exactly what was carried out"
    yield "item F1", _share(result["item_f1"]), "pieces on receipts: right product, right person"
    yield "in review", _share(result["review_rate"]), "share of receipts with a line that waits for a person"
    error = None if calibration is None else calibration["expected_error"]
    lines = "" if calibration is None else f", over {calibration['lines']} lines"
    yield "calibration error", _share(error), f"how far stated probabilities are from the share right{lines}"
    yield from _people(result["tracks"], feet)
    if delay is None:
        yield "exit to decision", "[dim]nobody left[/dim]", ""
    else:
        value = f"{delay['total_p50_s']:.2f} s, at most {delay['total_max_s']:.2f} s"
        parts = f"waiting {delay['waited_p50_s']:.2f} s, processing {delay['processing_p50_s']:.2f} s"
        what = f"{parts}; broker and cloud not included"
        yield "exit to decision", value, what
    speed = result["speed"]
    rate = f"{speed['frames_per_s']:.0f} frames/s" if speed["frames"] else "[dim]no pictures[/dim]"
    yield "speed", rate, f"{speed['frames']} frames in {speed['video_s']:.0f} s of recording"
    own_ms = speed["own_s_per_video_s"] * 1000
    yield "own time", f"{own_ms:.0f} ms", "per second of recording, beside the networks' bare runs"


def _people(tracks: Mapping[str, Any], feet: Mapping[str, Any] | None) -> Iterator[tuple[str, str, str]]:
    for name, score, where in (
        ("tracks, by camera", tracks["cameras"], "people in the area cameras' pictures"),
        ("tracks, store-wide", tracks["store"], "people on the floor, one metre apart at most"),
    ):
        if score is None:
            yield name, NO_TRUTH, where
            continue
        value = f"HOTA {score['hota']:.1f} · IDF1 {score['idf1']:.1f} · MOTA {score['mota']:.1f}"
        yield name, value, f"{where}; {score['id_switches']} switches, {score['persons']} persons"
    for camera, score in tracks["by_camera"].items():
        value = f"HOTA {score['hota']:.1f} · IDF1 {score['idf1']:.1f} · MOTA {score['mota']:.1f}"
        yield f"  {camera}", value, f"{score['id_switches']} switches, {score['persons']} persons"
    if feet is None:
        yield "foot position", NO_TRUTH, "how far from the truth people are said to stand"
    elif feet["met"]:
        value = f"{feet['mean_cm']:.0f} cm (p90 {feet['p90_cm']:.0f} cm)"
        yield "foot position", value, f"over {feet['met']} places; {feet['not_met']} times nobody was said within 1 m"
    else:
        yield "foot position", "nobody met", f"{feet['not_met']} times nobody was said within 1 m"


def print_lines(console: Console, score: RecordingScore) -> None:
    """Receipt by receipt, and every line that is wrong."""
    name = escape(score.folder.name)
    for receipt in score.receipts or ():
        verdict = "exact" if receipt.exact else "[bold]WRONG[/bold]"
        waits = f", in review: {items(receipt.in_review)}" if receipt.in_review else ""
        charged = f"charged {items(receipt.charged)}, true {items(receipt.true)}{waits}"
        console.print(f"{name}: {escape(receipt.shopper)}: {charged}: {verdict}")
    if score.events is not None:
        for kind, wrong in (("false", score.events.false), ("missed", score.events.missed)):
            for one in wrong:
                if one.type != "touch" or score.events.touches_scored:
                    console.print(f"{name}: {kind}: {escape(told(one))}")
    for reading in score.readings:
        console.print(f"{name}: truth: {escape(reading)}")


def told(one: Occurrence) -> str:
    """An occurrence in words."""
    when = f"{one.from_s:.2f} s" if one.from_s == one.to_s else f"{one.from_s:.2f}–{one.to_s:.2f} s"
    what = " ".join(part for part in (one.type.replace("_", "-"), one.sku, one.slot) if part)
    return f"{when}: {what} by {one.shopper or 'nobody known'}"


def items(bag: Mapping[str, int]) -> str:
    """A receipt's lines in words."""
    return ", ".join(f"{qty} × {sku}" for sku, qty in sorted(bag.items())) or "nothing"


def _share(value: float | None) -> str:
    return NO_TRUTH if value is None else f"{value:.3f}"
