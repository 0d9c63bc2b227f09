"""`column IN (these values)` as a statement that stays the same however many values there are.

Spelled out, each number of values is another statement, which is made, sent, parsed and planned anew. Here all values
are one parameter: an array on PostgreSQL, JSON on SQLite.
"""

import json
from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, Dialect, String, TypeDecorator, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


def among(column: Column[Any], name: str) -> ColumnElement[bool]:
    """Whether `column` has one of the values in the list that is given as the parameter `name`."""
    return _Among(column, bindparam(name, type_=_Values(column.type)))


class _Values(TypeDecorator[Any]):
    """Values of one type, all in one parameter."""

    impl = String
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """An array, or text."""
        return dialect.type_descriptor(ARRAY(self.of) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """All of them, as the database has them in its rows."""
        if dialect.name == "postgresql":
            return list(value)
        make = self.of.dialect_impl(dialect).bind_processor(dialect)
        return json.dumps([make(each) for each in value] if make else list(value))


class _Among(FunctionElement[bool]):
    name = "among"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        """As it is: SQLAlchemy would write `… = 1` for SQLite, which then looks up no index."""
        return self


@compiles(_Among)
def _in_json(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, values = element.clauses
    listed = f"SELECT value FROM json_each({compiler.process(values, **how)})"  # noqa: S608 - made of compiled parts
    return f"{compiler.process(column, **how)} IN ({listed})"


@compiles(_Among, "postgresql")
def _any_of_array(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, values = element.clauses
    return f"{compiler.process(column, **how)} = ANY ({compiler.process(values, **how)})"
