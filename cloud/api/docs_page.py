"""The documentation page, made from the OpenAPI description alone: no scripts, nothing from elsewhere."""

import json
from html import escape
from typing import Any

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
code,pre{font:14px/1.4 ui-monospace,monospace;background:#f4f4f2;border-radius:4px}
code{padding:.1em .3em}pre{padding:.8em;overflow:auto}
h2{margin-top:2.5rem;border-bottom:1px solid #ddd}summary{cursor:pointer;padding:.4rem 0}
.method{display:inline-block;min-width:3.5rem;font-weight:700}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0}
@media(prefers-color-scheme:dark){body{color:#eee;background:#181818}code,pre{background:#262626}h2{border-color:#444}}
"""


def docs_page(spec: dict[str, Any]) -> str:
    """A readable page for `spec`, an OpenAPI description."""
    groups: dict[str, list[str]] = {}
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["Other"])[0]
            groups.setdefault(tag, []).append(_operation(method, path, operation))
    schemas = spec.get("components", {}).get("schemas", {})
    info = spec["info"]
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        "<meta name=viewport content='width=device-width,initial-scale=1'>",
        f"<title>{escape(info['title'])}</title><style>{_STYLE}</style>",
        f"<h1>{escape(info['title'])} <small>{escape(info['version'])}</small></h1>",
        f"<p>{escape(info.get('description', ''))}</p>",
        "<p>Machine-readable: <a href=/openapi.json>/openapi.json</a></p>",
    ]
    for tag, operations in groups.items():
        parts += [f"<h2>{escape(tag)}</h2>", *operations]
    parts += ["<h2>Schemas</h2>", *(_schema(name, schema) for name, schema in sorted(schemas.items()))]
    return "\n".join(parts)


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    rows = [
        _row(each["name"], each["in"], "required" if each.get("required") else "optional", each.get("description", ""))
        for each in operation.get("parameters", [])
    ]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if body:
        rows.append(_row("body", "body", "required", _reference(body)))
    answers = ", ".join(
        f"{status} {each.get('description', '')}" for status, each in operation.get("responses", {}).items()
    )
    return (
        f"<details><summary><span class=method>{method.upper()}</span> <code>{escape(path)}</code> "
        f"{escape(operation.get('summary', ''))}</summary><p>{escape(operation.get('description', ''))}</p>"
        f"<table>{''.join(rows)}</table><p>Answers: {escape(answers)}</p></details>"
    )


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _reference(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", schema.get("title", ""))).rsplit("/", 1)[-1]


def _schema(name: str, schema: dict[str, Any]) -> str:
    return (
        f"<details id='{escape(name)}'><summary><code>{escape(name)}</code> {escape(schema.get('description', ''))}"
        f"</summary><pre>{escape(json.dumps(schema, indent=2))}</pre></details>"
    )
