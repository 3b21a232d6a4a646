"""Who somebody is that Airflow knows: the platform, a user of organizations, or neither."""

from __future__ import annotations

import functools
import os
import threading
import time
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from auth.fab_roles import MEMBER_ROLE, PLATFORM_ROLE, SERVICE_ROLE
from officeflow.database.engine import Database
from officeflow.errors import Unavailable
from officeflow.ids import split_dag_id
from officeflow.tenants.membership import Memberships, Standing
from officeflow.tenants.slugs import Slugs

UNTOUCHED = frozenset({PLATFORM_ROLE, SERVICE_ROLE})
"""Roles whose accounts do what Flask-AppBuilder says, in all organizations."""

AWAY_SECONDS = 1.0
"""So long a database that did not answer is not asked again: each of its questions may take seconds."""

Answer = TypeVar("Answer")


def is_untouched(user: Any) -> bool:
    return not UNTOUCHED.isdisjoint(_roles(user))


def _roles(user: Any) -> set[str]:
    return {role.name for role in getattr(user, "roles", None) or ()}


class People:
    """What our database says of accounts and names. `Unavailable` where it does not answer."""

    def __init__(self, database: Database) -> None:
        self._memberships = Memberships(database)
        self._slugs = Slugs(database)
        self._away: tuple[float, Unavailable] | None = None
        self._lock = threading.Lock()

    def standing(self, user: Any) -> Standing:
        """Of whoever is signed in; nobody in particular has none."""
        login = getattr(user, "username", None)
        return Standing(login="") if not login else self._asked(lambda: self._memberships.standing(login))

    def is_lost(self, user: Any) -> bool:
        """Whether nothing is left of what the account was for: it was a user's of ours and is none's any
        more, or it has our role and was never one's.

        What the platform's admins gave an account beside our role is not an organization's to take.
        """
        if not _roles(user) <= {MEMBER_ROLE}:
            return False
        found = self.standing(user)
        return not found.roles and (found.is_known or MEMBER_ROLE in _roles(user))

    def is_organizations(self, name: str) -> bool:
        """Whether the DAG, connection, variable or pool of this name is an organization's."""
        return bool(self.organizations({name}))

    def organizations(self, names: Collection[str]) -> set[str]:
        """Those of `names` that are organizations', by one question to the database."""
        named = {name: owners(name) for name in names}
        taken = self._asked(lambda: self._slugs.taken(set().union(*named.values())))
        return {name for name, slugs in named.items() if not taken.isdisjoint(slugs)}

    def _asked(self, ask: Callable[[], Answer]) -> Answer:
        with self._lock:
            away = self._away
        if away is not None and time.monotonic() - away[0] < AWAY_SECONDS:
            raise away[1]
        try:
            return ask()
        except Unavailable as error:
            with self._lock:
                self._away = (time.monotonic(), error)
            raise


def dags_owner(dag_id: str) -> str:
    """The slug that a DAG's id begins with; empty where it begins with none, as `acme` alone."""
    return split_dag_id(dag_id)[0] if "__" in dag_id else ""


def owners(name: str) -> set[str]:
    """The slugs that a name may begin with: `acme__joiner` is a DAG's, `acme.mail` a connection's."""
    before, dot, _ = name.partition(".")
    return {slug for slug in (dags_owner(name), before if dot else "") if slug}


def people() -> People:
    """Those of this process."""
    return _people(os.getpid())


@functools.cache
def _people(process: int) -> People:
    """One for each process: a connection must not be shared with the one that this was forked from."""
    del process
    return People(Database.from_settings(pool_size=2))
