"""Writing a store file."""

from pathlib import Path

from ruamel.yaml import YAML

from protocol.store import Store


def write_store(store: Store, path: Path) -> None:
    """Write a store file that reads back as `store`."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None
    yaml.width = 118
    # ruamel.yaml declares it as None and reads it as a switch: fields stay in the order of the model.
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    with path.open("w", encoding="utf-8") as stream:
        yaml.dump(store.model_dump(mode="json", exclude_defaults=True), stream)
