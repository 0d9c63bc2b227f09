"""Scene files: a store, a cast, their plans and what breaks, in YAML. docs/scenes.md describes them."""

from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from hardware.simulated.errors import SimulationError
from hardware.simulated.layout.cameras import with_cameras
from hardware.simulated.layout.check import DoesNotClose
from hardware.simulated.layout.from_store import layout_of
from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.layout.layout import Layout
from hardware.simulated.scene.check import problems_of
from hardware.simulated.scene.language import PlanError, parse_plan
from hardware.simulated.scene.scene import Member, Outage, Role, Scene, Step
from protocol.document import Document, Problem, parse, read_as, read_text
from protocol.model import Id, Model, Token
from protocol.store_file import read_store

Moment = Annotated[float, Field(ge=0, le=86_400)]
LIBRARY = "hardware.simulated.scene.library"


class StoreChoice(Model):
    """Which store: a number of the generator, or a store file (relative to the scene file)."""

    layout: Annotated[int, Field(ge=0)] | None = None
    file: str | None = None
    cameras: Literal["simulated", "file"] = "simulated"
    """Of a store file: cameras where shops have them, which can be rendered, or those that the file names."""

    @model_validator(mode="after")
    def _one(self) -> "StoreChoice":
        if (self.layout is None) == (self.file is None):
            raise ValueError("give `layout` (a number) or `file` (a store file)")
        return self


class CastMember(Model):
    """Somebody. Without anything said they are a shopper whose token is their name."""

    role: Role = "shopper"
    token: Token | None = None
    companion_of: Annotated[Id | None, Field(alias="with")] = None
    """Comes in on that one's token."""
    behind: Id | None = None
    """Slips in behind that one, without a token."""


class Loss(Model):
    """A camera that gives nothing for a while."""

    camera: Id
    from_s: Annotated[Moment, Field(alias="from")]
    to_s: Annotated[Moment, Field(alias="to")]


class SceneFile(Model):
    """What a scene file says."""

    format: Literal[1]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    seed: Annotated[int, Field(ge=0)] = 0
    store: StoreChoice
    cast: Annotated[dict[Id, CastMember], Field(min_length=1, max_length=1000)]
    plans: dict[Id, Annotated[str, Field(min_length=1)]]
    lost: tuple[Loss, ...] = ()


def library() -> list[str]:
    """The names of the scenes that come with the project."""
    names = (entry.name for entry in resources.files(LIBRARY).iterdir())
    return sorted(
        name.removesuffix(".yaml") for name in names if name.endswith(".yaml") and not name.endswith("store.yaml")
    )


def open_scene(which: str, seed: int | None = None) -> Scene:
    """The scene of the library, or in the file, that `which` names; `seed` instead of the file's own where given."""
    if which in library():
        with resources.as_file(resources.files(LIBRARY)) as folder:
            return read_scene(folder / f"{which}.yaml", seed)
    path = Path(which)
    if not path.exists():
        raise SimulationError(f"{which}: no such file, and no scene of the library, which has: {', '.join(library())}")
    return read_scene(path, seed)


def read_scene(path: Path, seed: int | None = None) -> Scene:
    """The scene in the file at `path`. FileError lists every problem with file, line and key."""
    document = parse(read_text(path), str(path))
    file = read_as(SceneFile, document)
    document.complain(_unplanned(file))
    plans = dict(_plans(document, file))
    layout = _layout(path, file)
    cast = tuple(_member(name, file, plans[name]) for name in file.cast)
    outages = tuple(Outage(loss.camera, loss.from_s, loss.to_s) for loss in file.lost)
    scene = Scene(file.name, file.seed if seed is None else seed, layout, cast, outages)
    document.complain(problems_of(scene))
    return scene


def _layout(path: Path, file: SceneFile) -> Layout:
    if file.store.layout is not None:
        return generate_layout(file.store.layout)
    assert file.store.file is not None, "one of the two is given"
    store = path.parent / file.store.file
    try:
        layout = layout_of(read_store(store), file.seed)
    except DoesNotClose as error:
        # The places are the store file's: its lines are named, not the scene's.
        parse(read_text(store), str(store)).complain(error.problems)
        raise
    return layout if file.store.cameras == "file" else with_cameras(layout)


def _unplanned(file: SceneFile) -> Iterator[Problem]:
    for name in file.cast:
        if name not in file.plans:
            yield Problem(("cast", name), "has no plan")
    for name in file.plans:
        if name not in file.cast:
            yield Problem(("plans", name), f"nobody of the cast is called {name!r}; known: {', '.join(file.cast)}")


def _plans(document: Document, file: SceneFile) -> Iterator[tuple[str, tuple[Step, ...]]]:
    problems = []
    for name, text in file.plans.items():
        try:
            yield name, parse_plan(text)
        except PlanError as error:
            problems.append(Problem(("plans", name), str(error)))
    document.complain(problems)


def _member(name: str, file: SceneFile, plan: tuple[Step, ...]) -> Member:
    said = file.cast[name]
    on_own = said.role != "staff" and said.companion_of is None and said.behind is None
    token = said.token or (name if on_own else None)
    return Member(name, said.role, token, plan, said.companion_of, said.behind)
