"""Which constraint refused a row."""

from __future__ import annotations

from psycopg.errors import UniqueViolation
from sqlalchemy.exc import IntegrityError


def violated_unique(error: IntegrityError) -> str | None:
    """The name of the unique constraint that refused the row (`uq_<table>_<columns>`); None where it was
    something else.
    """
    return error.orig.diag.constraint_name if isinstance(error.orig, UniqueViolation) else None
