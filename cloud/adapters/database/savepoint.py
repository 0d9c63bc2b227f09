"""A part of a transaction that can be taken back alone."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


@contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """What is done within is taken back where it raises; the transaction goes on.

    SQLite gives up the whole transaction where the disk is full: then there is nothing to take back to, and what is
    raised is still what went wrong first.
    """
    nested = connection.begin_nested()
    try:
        yield
    except BaseException as error:
        try:
            nested.rollback()
        except DBAPIError:
            raise error from None
        raise
    nested.commit()
