"""The page: figures over all recordings, then each recording with its receipts, timeline and wrong lines."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

from protocol.recording import Recording, read_recording
from tillfree.errors import EvaluationError
from tillfree.evaluate.events import EventScore
from tillfree.evaluate.html.card import Shown, card, moments
from tillfree.evaluate.html.floor import floor_plan
from tillfree.evaluate.html.timeline import timeline
from tillfree.evaluate.html.wrong import WrongLine, wrong_lines
from tillfree.evaluate.many import Refused
from tillfree.evaluate.pictures import pictures_at
from tillfree.evaluate.recording import RecordingScore
from tillfree.evaluate.summary import report

CARDS_MAX = 40
"""Wrong lines of one recording that are shown with pictures, at some 150 KB each; the others are counted."""


def write_report(scores: Sequence[RecordingScore], refused: Sequence[Refused], target: Path) -> Path:
    """Write the report to `target`, or to index.html in it where it does not end in .html; where it is.

    EvaluationError where it cannot be written.
    """
    path = target if target.suffix in (".html", ".htm") else target / "index.html"
    page = "".join(_page(scores, refused))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise EvaluationError(f"{path}: {error.strerror}; the report was not written") from None
    return path


def _page(scores: Sequence[RecordingScore], refused: Sequence[Refused]) -> Iterator[str]:
    style = resources.files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Evaluation</title>'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<style>{style}</style></head><body><main>"
    total = report(scores)
    seconds = sum(score.duration_s for score in scores)
    several = "One recording" if len(scores) == 1 else f"{len(scores)} recordings"
    yield f'<h1>Evaluation</h1><p class="lead">{several}, {seconds:.0f} s, played through the real pipeline. '
    yield "What nobody labelled says “no truth”. docs/evaluating.md tells how every number comes about.</p>"
    for each in refused:
        yield f'<p class="bad">Not scored: {escape(each.reason)}</p>'
    yield from _figures(total)
    yield from _tables(total)
    for score in scores:
        yield from _recording(score, several=len(scores) > 1)
    yield "</main></body></html>\n"


def _figures(result: Mapping[str, Any]) -> Iterator[str]:
    events, receipts, calibration = (result[key] for key in ("events", "receipts", "calibration"))
    tracks, feet, delay = (result[key] for key in ("tracks", "feet", "delay"))
    error = None if calibration is None else calibration["expected_error"]
    yield '<div class="figures">'
    exact = None if receipts is None else f"{receipts['exact']} of {receipts['total']}"
    yield _figure(exact, "receipts exact", "charged exactly what was carried out")
    yield _figure(_share(result["item_f1"]), "item F1", "pieces on receipts: right product, right person")
    yield _figure(None if events is None else _share(events["f1"]), "event F1", "picks and put-backs, each piece")
    yield _figure(_share(result["review_rate"]), "receipts in review", "a person must look at a line of them")
    yield _figure(_share(error), "calibration error", "stated probability against share right")
    for name, score in (("by camera", tracks["cameras"]), ("store-wide", tracks["store"])):
        value = None if score is None else f"{score['hota']:.1f}"
        more = "" if score is None else f"; IDF1 {score['idf1']:.1f}, MOTA {score['mota']:.1f}"
        yield _figure(value, f"HOTA {name}", f"who is who{more}")
    yield _figure(
        None if feet is None else _feet(feet), "foot position error", "mean; nobody within 1 m is not counted"
    )
    waits = None if delay is None else f"{delay['total_p50_s']:.2f} s"
    yield _figure(waits, "exit to decision", "median; broker, cloud and payment not included")
    yield _figure(
        f"{result['speed']['frames_per_s']:.0f}", "frames a second", "all cameras together, as fast as it goes"
    )
    yield "</div>"


def _feet(feet: Mapping[str, Any]) -> str:
    return f"{feet['mean_cm']:.0f} cm" if "mean_cm" in feet else "nobody met"


def _figure(value: str | None, name: str, meaning: str) -> str:
    kind, shown = ("figure none", "no truth") if value is None else ("figure", escape(value))
    return f'<div class="{kind}"><b>{shown}</b>{name}<span>{escape(meaning)}</span></div>'


def _tables(result: Mapping[str, Any]) -> Iterator[str]:
    events, calibration = result["events"], result["calibration"]
    if events is not None:
        yield '<h3>Events</h3><div class="scroll"><table><tr><th>type</th>'
        yield "".join(
            f'<th class="n">{name}</th>' for name in ("right", "false", "missed", "precision", "recall", "F1")
        )
        yield "</tr>"
        for name, row in (("all that count", events), *events["by_type"].items()):
            keys = ("true", "false", "missed")
            counts = "".join(f'<td class="n">{row[key]}</td>' for key in keys)
            rates = "".join(f'<td class="n">{rate}</td>' for rate in EventScore(*(row[key] for key in keys)).rates())
            yield f"<tr><td>{name.replace('_', '-')}</td>{counts}{rates}</tr>"
        yield "</table></div>"
    if calibration is not None and calibration["bins"]:
        yield "<h3>Is 90 % sure right nine times in ten?</h3>"
        yield '<div class="scroll"><table><tr><th>said</th><th class="n">lines</th><th>said on average</th>'
        yield "<th>share right</th></tr>"
        for one in calibration["bins"]:
            span = f"{100 * one['from']:.0f}–{100 * one['to']:.0f} %"
            yield f'<tr><td>{span}</td><td class="n">{one["lines"]}</td>'
            yield f"<td>{_bar(one['stated'])}</td><td>{_bar(one['right'])}</td></tr>"
        yield "</table></div>"


def _bar(share: float) -> str:
    return f'<span class="bar" style="width:{120 * share:.0f}px"></span>{100 * share:.1f} %'


def _recording(score: RecordingScore, *, several: bool) -> Iterator[str]:
    recording = read_recording(score.folder)
    yield f"<h2>{escape(score.folder.name)}</h2>"
    yield f'<p class="quiet">{escape(recording.store.name)}, {score.duration_s:.0f} s, '
    yield f"cameras: {len(recording.file.cameras)}. <code>{escape(str(score.folder))}</code></p>"
    for reading in score.readings:
        yield f"<p>How the truth was read: {escape(reading)}</p>"
    if several:
        yield from _figures(report([score]))
    yield from _receipts(score)
    if score.events is None:
        yield '<p class="quiet">No truth of events, so no line can be called wrong.</p>'
        return
    yield "<h3>Events over time</h3>" + timeline(score.events, score.duration_s)
    yield '<p class="quiet">▲ pick, ▼ put-back, ● touch, ⇥ enter, ⇤ exit. '
    yield '<span class="ok">Green: said and right.</span> <span class="bad">Red: said and false.</span> '
    yield "Above the line, amber: true and not said.</p>"
    lines = wrong_lines(score, recording.store.policies.charge_threshold)
    yield f"<h3>Wrong or doubtful lines: {len(lines)}</h3>"
    yield from _cards(recording, score, lines[:CARDS_MAX])
    if len(lines) > CARDS_MAX:
        yield f'<p class="quiet">{len(lines) - CARDS_MAX} more are in the JSON; only {CARDS_MAX} are shown here.</p>'


def _receipts(score: RecordingScore) -> Iterator[str]:
    if score.receipts is None:
        yield '<p class="quiet">No truth of receipts.</p>'
        return
    yield '<h3>Receipts</h3><div class="scroll"><table><tr><th>shopper</th><th>charged</th><th>true</th>'
    yield "<th>in review</th><th></th></tr>"
    for one in sorted(score.receipts, key=lambda receipt: receipt.exact):
        verdict = '<span class="ok">exact</span>' if one.exact else '<span class="bad">wrong</span>'
        bags = "".join(f"<td>{escape(_items(bag))}</td>" for bag in (one.charged, one.true, one.in_review))
        yield f"<tr><td>{escape(one.shopper)}</td>{bags}<td>{verdict}</td></tr>"
    yield "</table></div>"


def _cards(recording: Recording, score: RecordingScore, lines: Sequence[WrongLine]) -> Iterator[str]:
    cameras = [camera.id for camera in recording.file.cameras]
    wanted = [moments(line, recording.store, cameras) for line in lines]
    by_camera: dict[str, list[float]] = {}
    for camera, t_s, _ in (each for shots in wanted for each in shots):
        by_camera.setdefault(camera, []).append(t_s)
    pictures = pictures_at(recording, by_camera)
    names = {str(visit): name for visit, name in score.shoppers.items()}
    for line, shots in zip(lines, wanted, strict=True):
        shown = [(camera, t_s, caption, pictures.get((camera, t_s))) for camera, t_s, caption in shots]
        which = None if line.said is None else line.said.interaction
        crops = None if which is None else score.replay.crops.get(which)
        middle_s = (line.from_s + line.to_s) / 2
        plan = floor_plan(recording.store, middle_s, score.floor, score.replay.standing, names)
        yield card(line, recording.store, Shown(shown, crops, plan, score.shoppers))


def _share(value: float | None) -> str | None:
    return None if value is None else f"{value:.3f}"


def _items(bag: Mapping[str, int]) -> str:
    return ", ".join(f"{qty} × {sku}" for sku, qty in sorted(bag.items())) or "nothing"
