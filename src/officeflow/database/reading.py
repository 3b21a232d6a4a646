"""Reading columns, for lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Executable, RowMapping
from sqlalchemy.orm import Session


def columns(session: Session, statement: Executable, given: Mapping[str, Any]) -> Sequence[RowMapping]:
    """The rows, by name, of a statement that selects columns and no entities, in the session's transaction.

    By its connection: a session looks through each row for entities, which costs a list more than the rows.
    """
    session.flush()
    return session.connection().execute(statement, given).mappings().all()
