"""Alembic's revisions, carried by the installed package."""

HEAD = "0010"
"""The revision this version of the code needs."""
