"""What cannot be in a scene whose every word can be read: found before it is played, with the key where it stands."""

from collections import Counter
from collections.abc import Iterator

from hardware.simulated.scene.scene import (
    Act,
    At,
    Enter,
    Go,
    HandOver,
    Lean,
    Leave,
    Member,
    Pick,
    PutBack,
    Restock,
    Scene,
    Touch,
)
from protocol.document import Problem

BORN_APART_S = 1.0


def problems_of(scene: Scene) -> Iterator[Problem]:
    """Everything that cannot be."""
    names = {member.name for member in scene.cast}
    cameras = {camera.id for camera in scene.layout.store.cameras}
    for index, outage in enumerate(scene.outages):
        if outage.camera not in cameras:
            yield Problem(("lost", index, "camera"), f"the store has no camera {outage.camera!r}; {_known(cameras)}")
        if outage.to_s <= outage.from_s:
            yield Problem(("lost", index, "to"), "ends before it begins")
    yield from _company(scene, names)
    yield from _births(scene)
    received = Counter((act.to, act.sku) for member in scene.cast for act in _acts(member) if isinstance(act, HandOver))
    for member in scene.cast:
        yield from _order(member)
        yield from _goods(scene, member, names, {sku for (to, sku) in received if to == member.name})


def _company(scene: Scene, names: set[str]) -> Iterator[Problem]:
    by_name = {member.name: member for member in scene.cast}
    for member in scene.cast:
        for key, leader in (("with", member.companion_of), ("behind", member.behind)):
            if leader is None:
                continue
            if leader not in names or leader == member.name:
                yield Problem(("cast", member.name, key), f"nobody else of the cast is called {leader!r}")
            elif by_name[leader].companion_of is not None or by_name[leader].behind is not None:
                yield Problem(("cast", member.name, key), f"{leader!r} comes in with somebody; name that one")
            elif key == "with" and by_name[leader].token is None:
                yield Problem(("cast", member.name, key), f"{leader!r} has no token to come in on")
    tokens: dict[str, str] = {}
    for member in scene.cast:
        if member.token is not None and tokens.setdefault(member.token, member.name) != member.name:
            yield Problem(
                ("cast", member.name, "token"), f"{tokens[member.token]!r} has the token {member.token!r} too"
            )


def _births(scene: Scene) -> Iterator[Problem]:
    """Two people cannot come into being in one place: before the one door, at one time."""
    born: list[tuple[float, str]] = []
    for member in scene.cast:
        first = member.plan[0] if member.plan else None
        if first is None or not isinstance(first.act, Enter) or member.companion_of or member.behind:
            continue
        at_s = first.at_s or 0.0
        for other_s, other in born:
            if abs(other_s - at_s) < BORN_APART_S:
                yield Problem(
                    ("plans", member.name),
                    f"is born where {other!r} is: both enter at {at_s:g}; let {BORN_APART_S:g} s lie between them",
                )
        born.append((at_s, member.name))


def _order(member: Member) -> Iterator[Problem]:
    acts = _acts(member)
    where = ("plans", member.name)
    if not acts or not isinstance(acts[0], Enter):
        yield Problem(where, "begins with `enter`: nobody is in the store before")
    if not acts or not isinstance(acts[-1], Leave):
        yield Problem(where, "ends with `leave`: nobody stays in the store")
    if any(isinstance(act, Enter) for act in acts[1:]) or any(isinstance(act, Leave) for act in acts[:-1]):
        yield Problem(where, "enters once and leaves once")
    last_s = 0.0
    for step in member.plan:
        if step.at_s is not None:
            if step.at_s < last_s:
                yield Problem(where, f"goes back in time, from {last_s:g} to {step.at_s:g} s")
            last_s = step.at_s


def _goods(scene: Scene, member: Member, names: set[str], received: set[str | None]) -> Iterator[Problem]:
    """Whether every act has its slot and product, and nobody gives away what they cannot have."""
    where = ("plans", member.name)
    has: Counter[str] = Counter()
    for act in _acts(member):
        yield from _place(scene, member, act)
        match act:
            case Pick(sku=sku, qty=qty, at=at):
                if not any(f.slot == at.slot and f.sku == sku for f in scene.layout.store.planogram) and not _comes(
                    scene, sku, at.slot
                ):
                    yield Problem(where, f"{sku!r} does not stand in {at.slot}: {_stocked(scene, sku)}")
                has[sku] += qty
            case PutBack(sku=sku, qty=qty) | HandOver(sku=str(sku), qty=qty):
                done = "puts back" if isinstance(act, PutBack) else "hands over"
                if has[sku] < qty and not received & {sku, None}:
                    yield Problem(where, f"{done} {qty} {sku}, but has {has[sku]} then")
                has[sku] -= qty
            case HandOver(sku=None) if has.total() < 1 and not received:
                yield Problem(where, f"hands something over to {act.to}, but has nothing then")
            case Restock() if member.role != "staff":
                yield Problem(where, "restocks, which only staff does")
            case _:
                pass
        if isinstance(act, HandOver) and (act.to not in names or act.to == member.name):
            yield Problem(where, f"hands over to {act.to!r}, and nobody else of the cast is called so")


def _place(scene: Scene, member: Member, act: Act) -> Iterator[Problem]:
    slots = scene.layout.store.slots()
    for slot in _slots(act):
        if slot not in slots:
            board = slot.rpartition(".")[0]
            near = sorted(path for path in slots if path.startswith(f"{board}."))
            known = f"that shelf has {', '.join(near)}" if near else _known({path.rpartition(".")[0] for path in slots})
            yield Problem(("plans", member.name), f"there is no slot {slot!r}; {known}")
    match act:
        case Pick(sku=sku) | PutBack(sku=sku) | Restock(sku=sku):
            if sku not in scene.layout.forms:
                yield Problem(
                    ("plans", member.name), f"no product has the SKU {sku!r}; {_known(set(scene.layout.forms))}"
                )
        case _:
            pass


def _slots(act: Act) -> list[str]:
    match act:
        case Pick(at=at) | PutBack(at=at) | Touch(at=at) | Lean(at=at) | Restock(at=at):
            return _of(at)
        case Go(slot=str(slot)):
            return [slot]
        case _:
            return []


def _of(at: At) -> list[str]:
    return [at.slot] if at.standing_at is None else [at.slot, at.standing_at]


def _comes(scene: Scene, sku: str, slot: str) -> bool:
    """Whether somebody puts `sku` into the slot in the course of the scene."""
    return any(
        act.sku == sku and act.at.slot == slot
        for member in scene.cast
        for act in _acts(member)
        if isinstance(act, PutBack | Restock)
    )


def _stocked(scene: Scene, sku: str) -> str:
    there = sorted(facing.slot for facing in scene.layout.store.planogram if facing.sku == sku)
    return f"it stands in {', '.join(there[:6])}" if there else "nobody stocks it"


def _acts(member: Member) -> list[Act]:
    return [step.act for step in member.plan]


def _known(names: set[str]) -> str:
    listed = sorted(names)
    return "known: " + ", ".join(listed[:8]) + (" …" if len(listed) > 8 else "")
