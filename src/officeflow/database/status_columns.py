"""Columns that hold one of a closed set: text in the database, a `StrEnum` in Python."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from sqlalchemy import Enum
from sqlalchemy.orm import Mapped, mapped_column

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute
    from typing_extensions import deprecated

S = TypeVar("S", bound=StrEnum)


def text_of(kind: type[S], length: int = 50) -> Enum:
    """`VARCHAR(length)`. A text that is not in the set can neither be written nor read."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=length,
        validate_strings=True,
        values_callable=lambda members: [member.value for member in members],
    )


if TYPE_CHECKING:

    class StatusAttribute(InstrumentedAttribute[S]):  # noqa: PLW1641 - it is only declared here
        """The column in a query, which is compared with its own set alone.

        What SQLAlchemy itself declares may be compared with anything; so mypy is told which comparisons are
        wrong in the one way that an overload can.
        """

        @overload  # type: ignore[override]
        def __eq__(self, other: S | ColumnElement[S]) -> ColumnElement[bool]: ...
        @overload
        @deprecated("this is the status of something else: the column never has it")
        def __eq__(self, other: object) -> ColumnElement[bool]: ...
        def __eq__(self, other: object) -> Any: ...
        @overload  # type: ignore[override]
        def __ne__(self, other: S | ColumnElement[S]) -> ColumnElement[bool]: ...
        @overload
        @deprecated("this is the status of something else: the column never has it")
        def __ne__(self, other: object) -> ColumnElement[bool]: ...
        def __ne__(self, other: object) -> Any: ...
        def in_(self, other: Collection[S]) -> ColumnElement[bool]: ...  # type: ignore[override]
        def not_in(self, other: Collection[S]) -> ColumnElement[bool]: ...  # type: ignore[override]

    class MappedStatus(Mapped[S]):
        @overload
        def __get__(self, instance: None, owner: Any) -> StatusAttribute[S]: ...
        @overload
        def __get__(self, instance: object, owner: Any) -> S: ...
        def __get__(self, instance: object, owner: Any) -> Any: ...

else:

    class MappedStatus(Mapped[S]):
        """`Mapped` of a column that holds one of a closed set."""


def status_column(
    kind: type[S], length: int, *, default: S | None = None, server_default: S | None = None
) -> MappedStatus[S]:
    """`default` is what a row has that Python makes, `server_default` what PostgreSQL gives; None is none."""
    of_server = None if server_default is None else server_default.value
    if default is None:
        column = mapped_column(text_of(kind, length), server_default=of_server)
    else:
        column = mapped_column(text_of(kind, length), default=default, server_default=of_server)
    return cast("MappedStatus[S]", column)
