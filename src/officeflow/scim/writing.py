"""What every change has: in whose name it is made, where, and what is recorded of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

from scim2_models import InvalidValueException, PreconditionFailedException
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.errors import InvalidInput

LONGEST = 255
MOST_VALUES = 50
"""Values of a multi-valued attribute of a user."""

LOCK = 0x5C1A
"""The first half of an advisory lock, whose second half is the organization's."""


@dataclass(frozen=True, slots=True)
class Writer:
    """A transaction of the organization's, and who works in it. `by` is as the audit log names it."""

    session: Session
    org_id: uuid.UUID
    by: str
    request_id: str = ""

    def lock(self) -> None:
        """One change by SCIM after the other, from reading what is changed on: two that come at once are both
        made, and cannot take the same name.
        """
        second = func.hashtext(str(self.org_id))
        self.session.execute(select(func.pg_advisory_xact_lock(LOCK, second)))

    def record(self, action: AuditAction, subject: str, details: Mapping[str, Any]) -> None:
        entry = AuditEntry(
            actor=self.by,
            action=action,
            subject=subject,
            details=details,
            correlation_id=self.request_id or None,
        )
        audit.append(self.session, self.org_id, entry)


def require_version(current: str | None, expected: str | None) -> None:
    """`PreconditionFailedException` where it was changed meanwhile."""
    if expected is not None and current != expected:
        raise PreconditionFailedException


@contextmanager
def as_values() -> Iterator[None]:
    """What our own services refuse is an invalid value to SCIM."""
    try:
        yield
    except InvalidInput as error:
        said = "; ".join([error.message, *(f"{each.path}: {each.reason}" for each in error.problems)])
        raise InvalidValueException(detail=f"{said} ({error.hint})" if error.hint else said) from error


def refuse(detail: str) -> NoReturn:
    """`InvalidValueException`."""
    raise InvalidValueException(detail=detail)


def check_text(name: str, text: str | None) -> None:
    """`InvalidValueException` where a text cannot be kept."""
    if text is not None and (
        len(text) > LONGEST or any(each == "\0" or "\ud800" <= each <= "\udfff" for each in text)
    ):
        refuse(f"{name} is not a text of at most {LONGEST} characters")
