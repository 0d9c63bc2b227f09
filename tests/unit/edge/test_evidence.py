"""Clips of doubtful interactions: what they show, what they hide, how they are kept, and that they go."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import cv2
import numpy as np
import pytest

from edge.events import NewEvent
from edge.evidence.clip import PICTURES_MAX, animated
from edge.evidence.evidence import Evidence
from edge.evidence.hiding import head, hidden, surroundings
from edge.evidence.obeying import NOT_HERE, ClipOrders, NotNow
from edge.evidence.ring import FPS, LASTS_S, Box, Ring
from edge.evidence.ring import PICTURES_MAX as RING_MAX
from edge.evidence.sealed_clips import EvidenceError, SealedClips
from hardware.ports import Frame, Image
from protocol.commands import Command, EraseEvidence, FetchClip, Order, SetMode, data_of_order
from protocol.events import CLIP_BYTES_MAX, Change, Interaction
from protocol.evidence import ClipSent, digest_of
from protocol.store import Store

START = datetime(2026, 11, 22, 9, tzinfo=UTC)
VISIT, OTHER, HAND = UUID(int=1), UUID(int=2), UUID(int=3)
SLOT = "wall.top.a"
SLOT_BOX: Box = (200.0, 100.0, 80.0, 120.0)


def shop(policy: str = "doubtful", **policies: object) -> Store:
    return Store.model_validate(
        {
            "format": 1, "store": "corner", "name": "Corner", "currency": "EUR",
            "cameras": [
                {"id": "shelf", "role": "shelf", "size": [640, 360], "views": [{"slot": SLOT, "box": SLOT_BOX}]},
                {"id": "high", "role": "area", "size": [640, 360]},
            ],
            "gondolas": [{"id": "wall", "origin": [0, 0], "width": 1, "depth": 0.5, "shelves": [
                {"id": "top", "height": 1, "slots": [{"id": "a", "span": [0, 1]}, {"id": "b", "span": [1, 1.5]}]}]}],
            "policies": {"evidence": policy, **policies},
        }
    )  # fmt: skip


def noise(seed: int = 0) -> Image:
    return np.random.default_rng(seed).integers(0, 255, (360, 640, 3), dtype=np.uint8)


@dataclass
class Clock:
    now_s: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def clips(tmp_path: Path, clock: Clock) -> SealedClips:
    return opened(tmp_path, clock)


def opened(folder: Path, clock: Clock, bytes_max: int = 1_000_000) -> SealedClips:
    return SealedClips(folder / "c.sqlite", folder / "c.key", bytes_max=bytes_max, life_s=3_600.0, clock=clock)


def filmed(evidence: Evidence, camera: str = "shelf", persons: Sequence[Box] = (), until_s: float = 12.0) -> None:
    picture = cv2.GaussianBlur(noise(), (0, 0), 3)
    for number in range(int(until_s * 5)):
        moment = picture.copy()
        moment[120:180, 200 + number : 230 + number] = (40, 60, 200)
        evidence.saw(Frame(number / 5, camera, number, np.asarray(moment, np.uint8)), persons)


def hand(p: float, revision: int = 1, visit: UUID | None = VISIT, slot: str = SLOT, picks: int = 1) -> NewEvent:
    changes = tuple(Change(type="pick", sku="water", qty=1, slot=slot, p=p) for _ in range(picks))
    said = Interaction(
        interaction=HAND,
        revision=revision,
        cameras=("shelf",),
        slot=slot,
        entered=START + timedelta(seconds=5),
        left=START + timedelta(seconds=8),
        changes=changes,
        p=p,
    )
    return NewEvent(START + timedelta(seconds=9), visit, said)


def of(events: Sequence[NewEvent]) -> Interaction:
    (new,) = events
    assert isinstance(new.event, Interaction)
    return new.event


@pytest.mark.parametrize(
    ("policy", "p", "picks", "has_one"),
    [
        ("doubtful", 0.6, 1, True),
        ("doubtful", 0.95, 1, False),
        ("doubtful", 0.6, 0, False),
        ("all", 0.95, 1, True),
        ("all", 0.95, 0, False),
        ("none", 0.1, 1, False),
    ],
)
def test_which_interactions_have_a_clip(clips: SealedClips, policy: str, p: float, picks: int, has_one: bool) -> None:
    evidence = Evidence(shop(policy), START, clips)
    filmed(evidence)
    said = of(evidence.attach([hand(p, picks=picks)]))
    assert bool(said.evidence) is has_one
    for clip in said.evidence:
        kept = clips.get(clip.sha256)
        assert kept is not None
        assert (digest_of(kept), len(kept), clip.camera) == (clip.sha256, clip.size_bytes, "shelf")
        assert len(kept) <= CLIP_BYTES_MAX
        readable, animation = cv2.imdecodeanimation(np.frombuffer(kept, np.uint8))
        assert readable
        assert 2 <= len(animation.frames) <= PICTURES_MAX


def test_what_becomes_doubtful_later_has_the_clip_of_then(clips: SealedClips) -> None:
    evidence = Evidence(shop(), START, clips)
    filmed(evidence)
    assert of(evidence.attach([hand(0.99)])).evidence == ()
    for number in range(200):
        evidence.saw(Frame(60 + number / 5, "shelf", number, noise(number)))
    later = of(evidence.attach([hand(0.5, revision=2)])).evidence
    assert len(later) == 1
    assert of(evidence.attach([hand(0.97, revision=3)])).evidence == later, "it stays named"


def test_without_a_view_of_the_slot_whoever_sees_the_people_tells(clips: SealedClips) -> None:
    evidence = Evidence(shop(), START, clips)
    filmed(evidence, "high", [(300.0, 50.0, 60.0, 200.0)])
    (clip,) = of(evidence.attach([hand(0.5, slot="wall.top.b")])).evidence
    assert clip.camera == "high"


def test_the_same_pictures_give_the_same_clip(tmp_path: Path, clock: Clock) -> None:
    hashes = set()
    for name in ("one", "other"):
        evidence = Evidence(shop(), START, opened(tmp_path / name, clock))
        filmed(evidence)
        hashes.add(of(evidence.attach([hand(0.5)])).evidence[0].sha256)
    assert len(hashes) == 1


def test_a_disk_that_takes_no_clip_stops_nothing_and_the_event_says_the_same(clips: SealedClips) -> None:
    with_disk, without = Evidence(shop(), START, clips), Evidence(shop(), START, None)
    for evidence in (with_disk, without):
        filmed(evidence)
    said = with_disk.attach([hand(0.5)])
    assert said == without.attach([hand(0.5)])
    assert of(said).evidence
    clips.close()
    assert not clips.keep("c" * 64, HAND, VISIT, b"clip"), "a file that is gone takes none, and nothing is raised"


def test_only_the_surroundings_of_the_slot_are_to_be_known() -> None:
    picture = noise()
    shown = hidden(picture, [surroundings(SLOT_BOX)], [])
    assert np.array_equal(shown[100:220, 200:280], picture[100:220, 200:280])
    outside = shown[:, 420:]
    assert len(np.unique(outside.reshape(-1, 3), axis=0)) < 500, "coarse blocks of few colours"
    assert np.abs(outside.astype(int) - picture[:, 420:].astype(int)).mean() > 30


def test_heads_are_hidden_even_beside_the_slot() -> None:
    picture = noise()
    person: Box = (200.0, 90.0, 80.0, 260.0)
    shown = hidden(picture, [surroundings(SLOT_BOX)], [person])
    x, y, width, height = head(person)
    region = (slice(int(y) + 1, int(y + height)), slice(int(x) + 1, int(x + width)))
    assert len(np.unique(shown[region].reshape(-1, 3), axis=0)) <= 16
    assert np.array_equal(shown[200:220, 210:270], picture[200:220, 210:270]), "the hand below is seen"


@pytest.mark.parametrize("box", [(-50.0, -50.0, 20.0, 20.0), (630.0, 350.0, 500.0, 500.0), (10.0, 10.0, 1.0, 1.0)])
def test_boxes_that_lie_outside_break_nothing(box: Box) -> None:
    assert hidden(noise(), [box], [box]).shape == (360, 640, 3)


def test_the_ring_is_bounded_in_pictures_and_size() -> None:
    ring = Ring()
    for number in range(3_000):
        ring.saw(Frame(number / 30, "shelf", number, noise(number % 3)))
    kept = ring.between("shelf", 0.0, 1e9)
    assert len(kept) <= RING_MAX
    assert kept[-1].t_s - kept[0].t_s <= LASTS_S + 2.0
    assert min(np.diff([small.t_s for small in kept])) >= 0.99 / FPS
    assert max(small.image().shape[1] for small in kept) <= 320


def test_pictures_that_do_not_get_small_enough_are_fewer() -> None:
    clip = animated([cv2.resize(noise(seed), (1280, 720)) for seed in range(12)], list(range(12)))  # type: ignore[misc]  # cv2's own arrays
    assert clip is None or len(clip) <= CLIP_BYTES_MAX


def test_what_lies_on_the_disk_shows_nothing_without_the_key(tmp_path: Path, clock: Clock) -> None:
    clips = opened(tmp_path, clock)
    clip = bytes(range(256)) * 20
    assert clips.keep(digest_of(clip), HAND, VISIT, clip)
    clips.close()
    raw = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.name != "c.key")
    assert clip[:64] not in raw
    assert (tmp_path / "c.key").stat().st_mode & 0o077 == 0
    (tmp_path / "c.key").write_bytes(bytes(32))
    assert opened(tmp_path, clock).get(digest_of(clip)) is None, "another key opens nothing"


def test_an_altered_clip_does_not_open(tmp_path: Path, clock: Clock) -> None:
    clips = opened(tmp_path, clock)
    clips.keep("a" * 64, HAND, VISIT, b"one")
    clips.keep("b" * 64, HAND, VISIT, b"other")
    with sqlite3.connect(tmp_path / "c.sqlite") as connection:
        connection.execute("UPDATE clip SET sealed = (SELECT sealed FROM clip WHERE sha256 = ?)", ("b" * 64,))
    connection.close()
    assert clips.get("a" * 64) is None
    assert clips.get("b" * 64) == b"other"


def test_the_oldest_clips_make_room(tmp_path: Path, clock: Clock) -> None:
    clips = opened(tmp_path, clock, bytes_max=10_000)
    names = [f"{number:064x}" for number in range(30)]
    for name in names:
        clock.now_s += 1.0
        assert clips.keep(name, HAND, VISIT, bytes(1_000))
        assert clips.held_bytes <= 10_000
    assert clips.get(names[0]) is None
    assert clips.get(names[-1]) == bytes(1_000)


def test_clips_expire(clips: SealedClips, clock: Clock) -> None:
    clips.keep("a" * 64, HAND, VISIT, b"clip")
    clock.now_s += 3_601.0
    assert clips.get("a" * 64) is None
    clips.sweep()
    assert clips.held_bytes == 0


def test_a_clock_that_was_wrong_keeps_no_clip_for_ever(clips: SealedClips, clock: Clock) -> None:
    clock.now_s += 86_400 * 365.0
    clips.keep("a" * 64, HAND, VISIT, b"clip")
    clock.now_s -= 86_400 * 365.0
    clips.sweep()
    assert clips.get("a" * 64) == b"clip"
    clock.now_s += 3_601.0
    clips.sweep()
    assert clips.held_bytes == 0


def test_a_visit_s_clips_are_erased_whoever_s_they_were_at_first(clips: SealedClips) -> None:
    evidence = Evidence(shop(), START, clips)
    filmed(evidence)
    (clip,) = of(evidence.attach([hand(0.5)])).evidence
    evidence.attach([hand(0.5, revision=2, visit=OTHER)])
    assert clips.erase([VISIT]) == 0
    assert clips.get(clip.sha256) is not None
    assert clips.erase([OTHER]) == 1
    assert clips.get(clip.sha256) is None
    assert clips.erase([OTHER]) == 0, "twice is harmless"


def test_a_file_that_is_none_of_ours_is_left_alone(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "c.sqlite").write_bytes(b"not a database at all, but somebody's")
    with pytest.raises(EvidenceError, match="move a damaged file away"):
        opened(tmp_path, clock)
    (tmp_path / "c.sqlite").unlink()
    (tmp_path / "c.key").write_bytes(b"short")
    with pytest.raises(EvidenceError, match="no key"):
        opened(tmp_path, clock)


def command(order: Order) -> Command:
    return Command(id=HAND, type=order.type, expires=START, data=data_of_order(order))


def test_the_cloud_is_sent_what_it_asks_for_as_often_as_it_asks(clips: SealedClips) -> None:
    sent: list[ClipSent] = []

    def show(clip: ClipSent) -> bool:
        sent.append(clip)
        return True

    orders = ClipOrders(clips, "hub", show)
    sha256 = digest_of(b"clip")
    clips.keep(sha256, HAND, VISIT, b"clip")
    for _ in range(2):
        answer = orders.obey(command(FetchClip(sha256=sha256)))
        assert answer is not None
        assert answer.done
    assert [each.clip for each in sent] == [b"clip", b"clip"]
    gone = orders.obey(command(FetchClip(sha256="0" * 64)))
    assert gone is not None
    assert (gone.done, gone.reason) == (False, NOT_HERE)
    assert orders.obey(command(SetMode(mode="up"))) is None
    erased = orders.obey(command(EraseEvidence(visits=(VISIT,))))
    assert erased is not None
    assert erased.done
    assert clips.get(sha256) is None


def test_without_a_way_to_the_cloud_it_is_asked_again(clips: SealedClips) -> None:
    sha256 = digest_of(b"clip")
    clips.keep(sha256, HAND, VISIT, b"clip")
    with pytest.raises(NotNow):
        ClipOrders(clips, "hub", lambda _: False).obey(command(FetchClip(sha256=sha256)))
