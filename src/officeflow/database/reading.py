"""Reading columns, for lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Executable, Row, RowMapping
from sqlalchemy.orm import Session


def rows(session: Session, statement: Executable, given: Mapping[str, Any]) -> Sequence[Row[Any]]:
    """The rows of a statement that selects columns and no entities, in the session's transaction.

    By its connection: a session looks through each row for entities, which costs a list more than the rows.
    """
    session.flush()
    return session.connection().execute(statement, given).all()


def named_rows(session: Session, statement: Executable, given: Mapping[str, Any]) -> Sequence[RowMapping]:
    """As `rows`, by the columns' names."""
    session.flush()
    return session.connection().execute(statement, given).mappings().all()
