"""What Buildium says can be read and still not be kept: it fits no record of ours, or a person is saving that record
this very moment. Which errors tell so, and in which words."""

from __future__ import annotations

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError, StatementError
from sqlalchemy.orm.exc import StaleDataError

from portal.database import sqlstate_of

# To be caught first and then asked about with `is_about_a_value`.
UNKEEPABLE = (StatementError, StaleDataError, ValueError, TypeError, AttributeError, ArithmeticError)
# PostgreSQL's own words for a value of a wrong type: no operator compares it, nothing casts it, no column takes it.
OF_A_WRONG_TYPE = {"42883", "42846", "42804"}
LOCKED = {"55P03", "40P01"}  # lock_not_available, deadlock_detected


def is_about_a_value(error: Exception) -> bool:
    """Whether a value is to blame: refused by the database, or of a type that never gets there (a list for a text).
    A database that is away or doesn't know the statement is not."""
    if isinstance(error, ProgrammingError):
        return sqlstate_of(error) is None or sqlstate_of(error) in OF_A_WRONG_TYPE
    return not isinstance(error, DBAPIError) or isinstance(error, IntegrityError | DataError)


def is_being_saved(error: Exception) -> bool:
    """Whether somebody else writes the same record just now."""
    return isinstance(error, StaleDataError) or sqlstate_of(error) in LOCKED


def words_of(error: Exception) -> str:
    """What the database says of a value, without the value."""
    diagnosis = getattr(getattr(error, "orig", None), "diag", None)
    return str(getattr(diagnosis, "message_primary", None) or error).splitlines()[0]
