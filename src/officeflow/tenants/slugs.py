"""Which names are organizations': asked for each DAG, connection and variable that somebody looks at."""

from __future__ import annotations

import threading
from collections.abc import Collection

from cachetools import TTLCache
from sqlalchemy import select

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.ids import is_slug

FRESH_SECONDS = 2.0
"""So long a name that is nobody's is taken to stay so."""


class Slugs:
    """An organization keeps its slug for good, so what is one is remembered. Safe to share between
    threads.
    """

    def __init__(self, database: Database, *, fresh: float = FRESH_SECONDS, most: int = 100_000) -> None:
        self._database = database
        self._taken: frozenset[str] = frozenset()
        self._free: TTLCache[str, bool] = TTLCache(most, fresh)
        self._lock = threading.Lock()

    def taken(self, names: Collection[str]) -> set[str]:
        """Those of `names` that are organizations' slugs, by at most one question to the database."""
        with self._lock:
            unknown = {name for name in names if name not in self._taken and name not in self._free}
        if unknown := set(filter(is_slug, unknown)):
            self._learn(unknown)
        return set(self._taken.intersection(names))

    def _learn(self, names: set[str]) -> None:
        with self._database.service() as session:
            found = set(session.scalars(select(Organization.slug).where(Organization.slug.in_(names))))
        with self._lock:
            self._taken |= found
            self._free.update(dict.fromkeys(names - found, True))
