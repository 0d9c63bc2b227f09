"""What can be wrong with one event or visit alone."""

from sqlalchemy.exc import DataError, IntegrityError

from protocol.errors import TillfreeError

POISON = (TillfreeError, IntegrityError, DataError, ValueError, LookupError, ArithmeticError, TypeError, AssertionError)
"""It goes aside, the rest goes on. A database in trouble is not that."""
