"""One line that is wrong: what was said and what was true, pictures, candidates and reasons."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from uuid import UUID

import cv2
import numpy as np

from hardware.ports import Image
from protocol.events import Alternative, Change, Interaction
from protocol.store import Store
from tillfree.evaluate.events import Occurrence
from tillfree.evaluate.html.wrong import WrongLine

WIDTH_MAX = 480
QUALITY = 72
AREA_CAMERAS_MAX = 2
AROUND_S = 0.4
VERDICTS = {
    "wrong": "said one thing, and another was true",
    "false": "said, and nothing of it is true",
    "missed": "true, and not said",
    "doubtful": "right, and not sure enough to be charged",
}
LATE = "what was said is true, but not then"
Names = Mapping[UUID, str]


def moments(line: WrongLine, store: Store, cameras: Sequence[str]) -> list[tuple[str, float, str]]:
    """Camera, time and caption of each picture that the line is shown with.

    The shelf camera of the slot as the hand comes, is there and has gone; area cameras in the middle.
    """
    shelf = [c.id for c in store.cameras if c.id in cameras and any(view.slot == line.slot for view in c.views)]
    area = [c.id for c in store.cameras if c.id in cameras and c.role == "area"][:AREA_CAMERAS_MAX]
    middle_s = (line.from_s + line.to_s) / 2
    found = []
    for camera in shelf[:1]:
        for t_s, when in ((line.from_s - AROUND_S, "before"), (middle_s, "during"), (line.to_s + AROUND_S, "after")):
            found.append((camera, round(max(t_s, 0.0), 3), f"{camera}, {when}"))
    found += [(camera, round(max(middle_s, 0.0), 3), camera) for camera in area]
    return found


@dataclass(frozen=True, slots=True)
class Shown:
    """What goes with a line: `pictures` (camera, time, caption, picture or None), the slot's `crops` before and after.

    `plan` is the floor's drawing, empty where places are not known; `names` whose visit is whose.
    """

    pictures: Sequence[tuple[str, float, str, Image | None]]
    crops: tuple[bytes, bytes] | None
    plan: str
    names: Names


def card(line: WrongLine, store: Store, shown: Shown) -> str:
    """The line as HTML."""
    parts = [f'<article class="card {line.verdict}"><h4><span class="badge">{line.verdict}</span> ']
    verdict = LATE if line.verdict == "wrong" and line.alike else VERDICTS[line.verdict]
    parts.append(f"{line.from_s:.1f}–{line.to_s:.1f} s: {verdict}</h4>")
    parts.append('<div class="two"><div><h5>what was said</h5>' + _said(line.said, store, sure=True))
    parts.append("</div><div><h5>what was true</h5>" + _said(line.true, store, sure=False) + "</div></div>")
    figures = [
        _figure(data, f"the slot {when}") for data, when in zip(shown.crops or (), ("before", "after"), strict=False)
    ]
    shots = [
        _figure(_jpeg(image, store, camera, line.slot), f"{caption}, {t_s:.1f} s")
        for camera, t_s, caption, image in shown.pictures
        if image is not None
    ]
    if shown.plan:
        shots.append(f"<figure>{shown.plan}<figcaption>the floor: ○ true, + said</figcaption></figure>")
    if figures:
        parts.append(f'<div class="crops">{"".join(figures)}</div>')
    if shots:
        parts.append(f'<div class="shots">{"".join(shots)}</div>')
    if not figures and not shots:
        parts.append('<p class="quiet">No camera looked there: this was concluded from plates or other nodes.</p>')
    if line.event is not None and isinstance(line.event.event, Interaction):
        parts.append(_why(line.event.event, line.event.visit, shown.names))
    return "".join([*parts, "</article>"])


def _words(one: Occurrence) -> str:
    what = " ".join(part for part in (one.type.replace("_", "-"), one.sku, one.slot) if part)
    return f"{what} by {one.shopper or 'nobody known'}"


def _said(one: Occurrence | None, store: Store, *, sure: bool) -> str:
    if one is None:
        return '<p class="nothing">nothing</p>'
    name = next((product.name for product in store.products if product.sku == one.sku), one.sku)
    what = f"<b>{escape(one.type.replace('_', '-'))}</b>" + (f" {escape(name)}" if name else "")
    where = f" <code>{escape(one.slot)}</code>" if one.slot else ""
    certain = f", {100 * one.p:.1f} % sure" if sure else ""
    when = f"{one.from_s:.1f} s" if one.from_s == one.to_s else f"between {one.from_s:.1f} and {one.to_s:.1f} s"
    return f"<p>{what}{where}<br>by <b>{escape(one.shopper or 'nobody known')}</b>, {when}{certain}</p>"


def _why(event: Interaction, visit: UUID | None, names: Names) -> str:
    rows = [_row(event.changes, visit, event.p, names, "chosen")]
    rows += [_candidate(each, names) for each in event.alternatives]
    reasons = "".join(
        f"<tr><td>{escape(_reason(name))}</td><td>{value:g}</td></tr>" for name, value in event.reasons.items()
    )
    return (
        '<div class="two why"><table><tr><th>candidate</th><th>who</th><th>probability</th></tr>'
        f"{''.join(rows)}</table><table><tr><th>reason</th><th>value</th></tr>{reasons}</table></div>"
    )


def _candidate(one: Alternative, names: Names) -> str:
    return _row(one.changes, one.visit, one.p, names, "")


def _row(changes: Sequence[Change], visit: UUID | None, p: float, names: Names, kind: str) -> str:
    what = ", ".join(f"{c.type.replace('_', '-')} {c.qty} × {c.sku or 'unknown product'}" for c in changes) or "touch"
    who = "nobody" if visit is None else names.get(visit, "a stranger")
    bar = f'<span class="bar" style="width:{60 * p:.0f}px"></span>'
    return (
        f'<tr class="{kind}"><td>{escape(what)}</td><td>{escape(who)}</td><td class="p">{bar}{100 * p:.2f} %</td></tr>'
    )


def _reason(name: str) -> str:
    """What a reason's name means, where that is not plain."""
    plain = {
        "changed": "share of the slot that changed",
        "edges": "edges gone (above 0) or come (beneath 0)",
        "who": "how sure of the person",
        "what": "how sure of what changed",
        "grams": "weight that the plates lost (−) or gained",
        "camera_lost": "the camera was lost",
    }
    if name.startswith("fits_"):
        sku, _, when = name.removeprefix("fits_").rpartition("_")
        return f"how much better it fits {sku} {when} than something unknown (log ratio)"
    return plain.get(name, name.replace("_", " "))


def _jpeg(image: Image, store: Store, camera: str, slot: str | None) -> bytes:
    """The picture at report size, with the slot's box drawn into it."""
    drawn = image.copy()
    plan = store.camera(camera)
    for view in plan.views if plan is not None else ():
        if view.slot == slot:
            x, y, w, h = (round(value) for value in view.box)
            cv2.rectangle(drawn, (x, y), (x + w, y + h), (0, 200, 255), max(2, image.shape[1] // 300))
    if drawn.shape[1] > WIDTH_MAX:
        size = (WIDTH_MAX, round(drawn.shape[0] * WIDTH_MAX / drawn.shape[1]))
        drawn = np.asarray(cv2.resize(drawn, size, interpolation=cv2.INTER_AREA), np.uint8)
    return cv2.imencode(".jpg", drawn, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()


def _figure(jpeg: bytes, caption: str) -> str:
    data = base64.b64encode(jpeg).decode("ascii")
    return (
        f'<figure><img src="data:image/jpeg;base64,{data}" alt=""><figcaption>{escape(caption)}</figcaption></figure>'
    )
