"""Write every schema anew beside this file."""

from protocol.schemas import FOLDER, PUBLISHED, schema_text

for name in PUBLISHED:
    (FOLDER / f"{name}.schema.json").write_text(schema_text(name), encoding="utf-8")
