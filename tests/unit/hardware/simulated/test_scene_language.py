"""Plans in words, and what is said of those that cannot be."""

from pathlib import Path

import pytest

from hardware.simulated.errors import SimulationError
from hardware.simulated.scene.file import library, open_scene, read_scene
from hardware.simulated.scene.language import PlanError, parse_plan
from hardware.simulated.scene.scene import (
    Act,
    At,
    Enter,
    Go,
    HandOver,
    Hide,
    Lean,
    Leave,
    Pick,
    PutBack,
    Restock,
    Step,
    Touch,
    Wait,
)
from hardware.simulated.world.world import World
from protocol.document import FileError

DOCS = Path(__file__).parents[4] / "docs" / "scenes.md"
TOP_A = At("fridge.top.a")


@pytest.mark.parametrize(
    ("words", "step"),
    [
        ("enter at 0", Step(Enter(), 0.0)),
        ("leave", Step(Leave())),
        ("pick 2 water from fridge.top.a with left", Step(Pick("water", 2, TOP_A, "left"))),
        ("pick water from fridge.top.a after 6 at 12.5", Step(Pick("water", 1, TOP_A, None, 6.0), 12.5)),
        (
            "pick water from fridge.top.a standing at fridge.top.f at 9",
            Step(Pick("water", 1, At("fridge.top.a", None, "fridge.top.f")), 9.0),
        ),
        ("put back water into fridge.top.a", Step(PutBack("water", 1, TOP_A))),
        ("restock 3 water into fridge.top.a", Step(Restock("water", 3, TOP_A))),
        ("touch fridge.top.a for 2", Step(Touch(TOP_A, None, 2.0))),
        ("lean 600 g on fridge.top.a for 2", Step(Lean(TOP_A, 600.0, 2.0))),
        ("hand over to bob", Step(HandOver("bob"))),
        ("hand over 2 water to bob", Step(HandOver("bob", "water", 2))),
        ("go to fridge.top.a for 3", Step(Go("fridge.top.a", 3.0))),
        ("browse", Step(Go(None, 2.0))),
        ("wait 2.5", Step(Wait(2.5))),
        ("hide", Step(Hide())),
    ],
)
def test_words_and_what_they_mean(words: str, step: Step) -> None:
    assert parse_plan(words) == (step,)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("steal water", "is no step"),
        ("leave with left", "'with' does not belong there"),
        ("enter at -3", "not negative"),
        ("pick 0 water from fridge.top.a", "1 to 20 pieces"),
    ],
)
def test_a_step_that_is_none_is_quoted(words: str, complaint: str) -> None:
    with pytest.raises(PlanError, match=complaint):
        parse_plan(words)


def test_steps_are_parted_by_dots_semicolons_or_lines() -> None:
    acts: list[Act] = [step.act for step in parse_plan("enter · wait 1; hide\n leave ·")]
    assert acts == [Enter(), Wait(1.0), Hide(), Leave()]


HEAD = "format: 1\nname: Test\nstore: {layout: 2}\n"


@pytest.mark.parametrize(
    ("cast", "plans", "complaint"),
    [
        ("ann: {}", "ann: enter · pick gold from g1.s1.01 · leave", ":7: plans.ann: no product has the SKU 'gold'"),
        (
            "ann: {}",
            "ann: enter · touch g1.s1.99 · leave",
            ":7: plans.ann: there is no slot 'g1.s1.99'; that shelf has",
        ),
        (
            "ann: {}\n  bob: {}",
            "ann: enter at 0 · leave\n  bob: enter at 0.4 · leave",
            ":9: plans.bob: is born where 'ann' is",
        ),
        (
            "ann: {}\n  bob: {}",
            "ann: enter at 0 · hand over coffee-dark-005 to bob · leave\n  bob: enter at 3 · leave",
            ":8: plans.ann: hands over 1 coffee-dark-005, but has 0 then",
        ),
        ("ann: {}", "ann: enter at -1 · leave", ":7: plans.ann: 'enter at -1': a time is not negative"),
        ("ann: {}", "ann: enter at 5 · wait 1 at 3 · leave", "goes back in time, from 5 to 3 s"),
        ("ann: {}", "ann: enter · restock coffee-dark-005 into g1.s1.01 · leave", "which only staff does"),
        ("ann: {}", "ann: wait 1 · leave", "begins with `enter`"),
        ("ann: {}", "ann: enter", "ends with `leave`"),
        ("ann: {with: zoe}", "ann: enter · leave", ":5: cast.ann.with: nobody else of the cast is called 'zoe'"),
        ("ann: {}", "zoe: enter · leave", "nobody of the cast is called 'zoe'"),
        ("ann: {colour: red}", "ann: enter · leave", "unknown key"),
    ],
)
def test_what_cannot_be_is_named_with_its_line(tmp_path: Path, cast: str, plans: str, complaint: str) -> None:
    path = tmp_path / "scene.yaml"
    path.write_text(f"{HEAD}cast:\n  {cast}\nplans:\n  {plans}\n", encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read_scene(path)
    assert complaint in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_product_that_stands_elsewhere_is_told_where(tmp_path: Path) -> None:
    path = tmp_path / "scene.yaml"
    plan = "enter · pick coffee-dark-005 from g1.s1.02 · leave"
    path.write_text(f"{HEAD}cast:\n  ann: {{}}\nplans:\n  ann: {plan}\n", encoding="utf-8")
    with pytest.raises(FileError, match=r"'coffee-dark-005' does not stand in g1\.s1\.02: it stands in g1\.s1\.01"):
        read_scene(path)


STORE = """\
format: 1
store: odd
name: Odd
currency: EUR
cameras: [{id: c, role: gate, size: [64, 48]}]
gondolas:
  - {id: a, origin: [0.0, 4.0], width: 1.0, depth: 0.4, shelves: [{id: s, height: 1, slots: [{id: x, span: [0, 0.5]}]}]}
  - {id: b, origin: ORIGIN, width: 1.0, depth: 0.4, shelves: [{id: s, height: 1.0, slots: [{id: x, span: SPAN}]}]}
products: [{sku: water, name: Water, price_minor: 100}]
planogram: [{slot: a.s.x, sku: water}]
gate: {lanes: [door]}
"""


@pytest.mark.parametrize(
    ("origin", "span", "complaint"),
    [
        ("[0.5, 4.0]", "[0.0, 0.5]", "store.yaml:8: gondolas[1].origin: gondolas 'a' and 'b' stand across each other"),
        ("[0.0, 3.0]", "[0.0, 0.5]", "store.yaml:8: gondolas[1].origin: less than 0.9 m before gondola 'a'"),
        ("[2.0, 4.0]", "[0.8, 1.5]", "store.yaml:8: gondolas[1].shelves[0].slots[0]"),
    ],
)
def test_a_store_that_cannot_be_is_named_with_its_own_file_and_line(
    tmp_path: Path, origin: str, span: str, complaint: str
) -> None:
    (tmp_path / "store.yaml").write_text(STORE.replace("ORIGIN", origin).replace("SPAN", span), encoding="utf-8")
    path = tmp_path / "scene.yaml"
    text = "format: 1\nname: Odd\nstore: {file: store.yaml}\ncast: {ann: {}}\nplans: {ann: enter · leave}\n"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read_scene(path)
    assert complaint in str(caught.value)


@pytest.mark.parametrize("name", library())
def test_every_scene_of_the_library_plays_as_it_is_written(name: str) -> None:
    world = World(open_scene(name))
    assert world.timeline.notes == ()
    assert {event.shopper for event in world.timeline.truth if event.type == "exit"}


def test_an_unknown_scene_is_told_which_there_are() -> None:
    with pytest.raises(SimulationError, match="hand-over"):
        open_scene("nonsense")


def test_the_examples_of_the_documentation_are_scenes(tmp_path: Path) -> None:
    examples = [part.partition("```")[0] for part in DOCS.read_text(encoding="utf-8").split("```yaml\n")[1:]]
    assert examples
    for number, text in enumerate(examples):
        path = tmp_path / f"{number}.yaml"
        path.write_text(text, encoding="utf-8")
        assert World(read_scene(path)).timeline.notes == ()
