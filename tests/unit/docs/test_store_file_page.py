"""docs/store-file.md tells every key, and its example is a store."""

import pytest
from pydantic import BaseModel

from protocol import store
from protocol.document import FileError
from protocol.store_file import parse_store
from tests.unit.docs.pages import examples, key_tables, page

MODELS: list[type[BaseModel]] = [
    store.Store,
    store.Camera,
    store.MarkedPoint,
    store.Lens,
    store.Pose,
    store.FloorView,
    store.SlotView,
    store.Gondola,
    store.Shelf,
    store.Slot,
    store.Plate,
    store.Product,
    store.Photo,
    store.Facing,
    store.Zone,
    store.Gate,
    store.Policies,
]


def test_the_example_is_a_store_that_uses_every_key() -> None:
    text = examples("store-file.md")["store.yaml"]
    corner = parse_store(text, "store.yaml")
    assert corner.store == "corner"
    unused = {f"{model.__name__}.{key}" for model in MODELS for key in model.model_fields if f"{key}:" not in text}
    assert unused == set()


def test_every_key_has_its_line_and_no_other() -> None:
    assert [set(keys) for keys in key_tables("store-file.md")] == [set(model.model_fields) for model in MODELS]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("    fps_max: 10", "    fsp_max: 10"), ("{slot: table.top.right, sku", "{slot: table.top.centre, sku")],
)
def test_an_error_reads_as_the_page_says(right: str, wrong: str) -> None:
    text = examples("store-file.md")["store.yaml"]
    assert right in text
    with pytest.raises(FileError) as told:
        parse_store(text.replace(right, wrong), "store.yaml")
    assert f"\n    {told.value}\n" in page("store-file.md")
