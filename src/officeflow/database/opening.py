"""Encrypting columns of many rows, whose keys are looked up together rather than one for each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, inspect, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.orm.attributes import set_committed_value

from officeflow.database import encryption


def as_stored(column: InstrumentedAttribute[Any]) -> ColumnElement[bytes | None]:
    """An encrypting column as it stands in the table: to be selected beside its row, of which the column
    itself is deferred.
    """
    return type_coerce(column, LargeBinary)


def open_column(
    session: Session, column: InstrumentedAttribute[Any], rows: Sequence[tuple[Any, bytes | None]]
) -> None:
    """Give each row its `column`, which was selected by `as_stored` beside it.

    One that the session has had before keeps what it has. What was written under a key that is destroyed
    reads as None; `InvalidInput` for what no key opens.
    """
    missing = [(row, stored) for row, stored in rows if column.key in inspect(row).unloaded]
    dialect = session.get_bind().dialect
    encryption.look_up([stored for _, stored in missing], dialect)
    for row, stored in missing:
        set_committed_value(row, column.key, column.type.process_result_value(stored, dialect))
