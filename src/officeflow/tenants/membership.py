"""Whom somebody who has signed in at Airflow works for, and as what."""

from __future__ import annotations

import threading

from cachetools import TTLCache
from sqlalchemy import func, select

from officeflow.database.engine import Database
from officeflow.database.tables import User
from officeflow.rights.permissions import Role
from officeflow.rights.principals import Principal

FRESH_SECONDS = 2.0
"""So long an answer is used again: a user who was deactivated has nothing any more within five seconds."""


def of_login(database: Database, login: str, *, is_platform_admin: bool = False) -> Principal:
    """The person with this account at Airflow, with their roles in every organization where they are active.

    Logins are compared whatever their case, as Airflow does.
    """
    with database.service() as session:
        rows = session.execute(
            select(User.org_id, User.role).where(
                func.lower(User.airflow_login) == login.lower(), User.is_active
            )
        ).all()
    roles = {org_id: Role(role) for org_id, role in rows}
    return Principal(actor=f"airflow:{login}", login=login, roles=roles, is_platform_admin=is_platform_admin)


class Memberships:
    """`of_login`, remembered for `FRESH_SECONDS`. Safe to share between threads."""

    def __init__(self, database: Database, *, fresh: float = FRESH_SECONDS, most: int = 10_000) -> None:
        self._database = database
        self._known: TTLCache[tuple[str, bool], Principal] = TTLCache(most, fresh)
        self._lock = threading.Lock()

    def of_login(self, login: str, *, is_platform_admin: bool = False) -> Principal:
        key = (login.lower(), is_platform_admin)
        with self._lock:
            kept = self._known.get(key)
        if kept is not None:
            return kept
        found = of_login(self._database, login, is_platform_admin=is_platform_admin)
        with self._lock:
            self._known[key] = found
        return found

    def forget(self) -> None:
        """Look anew whoever asks next: something was changed here."""
        with self._lock:
            self._known.clear()
