"""Parks runs and puts them back. A race with the scheduler or an answer is repaired by the next look."""

from __future__ import annotations

import datetime as dt
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, TextClause, create_engine
from sqlalchemy.exc import OperationalError, ProgrammingError

from listeners.parking import statements
from officeflow.airflow_api.client import AirflowApi
from officeflow.database import parking_login
from officeflow.database.engine import sqlalchemy_url, unanswered
from officeflow.errors import InvalidInput, Unavailable
from officeflow.ids import BUNDLE
from officeflow.program import typed

LONGEST = dt.timedelta(hours=1)
"""The longest that a run stays out of the scheduler's sight when no steward is left."""

RENEWED_WITHIN = LONGEST / 4
"""How long before its end a parking is renewed, so that a run which waits for days is not looked at every
hour.
"""

LONGEST_UNSEEN = dt.timedelta(hours=12)
"""How long parkings are renewed until the scheduler looks at the run once more."""

RENEW_SECONDS = 5.0

LEAST = dt.timedelta(seconds=5)
"""Shorter waits are not worth it."""

MARGIN = dt.timedelta(seconds=2)
"""How much later than the last change the scheduler must have looked: the change may have been committed some
time after its own date, and have been dated by another machine's clock.
"""

LOG_WITHIN = dt.timedelta(seconds=15)
"""How long a run is looked at after the log has named it: what was logged may yet have to be done."""

SPARED_SECONDS = 5.0
"""How long a run stays unparked after it was put back because something has come for it."""

MOST_AT_ONCE = 500
PARK_SECONDS = 2.0
"""How often it looks for runs to park."""

ROUND_SECONDS = 30.0
"""In which all parked runs are looked at one after the other."""

LEAST_OF_ROUND = 50
ALL_SECONDS = 2.0
"""How often all are looked at while somebody does something to many at once."""

CHECK_SECONDS = 60.0
COUNT_SECONDS = 5.0

log = structlog.get_logger(__name__)


class NoParking(InvalidInput):
    """Nothing is parked, because Airflow or its database is not as parking knows it. All else works."""

    code = "no_parking"


class Parking:
    """Over a login of its own at Airflow's database.

    `park`, `renew` and `look` are called by one thread, `wake` by any.
    """

    def __init__(
        self,
        url: str,
        api: AirflowApi,
        *,
        bundle: str = BUNDLE,
        longest: dt.timedelta = LONGEST,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`seconds` only measures the pauses of this process; moments are the database's."""
        self._engine = _engine(url)
        self._api = api
        self._bundle = bundle
        self._longest = longest
        self._seconds = seconds
        self._checked: float | None = None
        self._counted: float | None = None
        self._tried: float | None = None
        self._renewed: float | None = None
        self._spared: dict[int, float] = {}
        self._lock = threading.Lock()
        self._round = 0
        self._all_seen: float | None = None
        self._parked = self._woken = 0
        self._problem = ""

    def figures(self) -> Mapping[str, Any]:
        """`{"parking": {"on", "parked", "woken", "problem"}}`: how many are parked, how many this process has
        put back, and why nothing is parked.
        """
        return {
            "parking": {
                "on": True,
                "parked": self._parked,
                "woken": self._woken,
                "problem": self._problem or None,
            }
        }

    def act(self) -> int:
        """Put back what should not be parked, and park what only waits. Returns how many runs were
        changed.
        """
        self.check()
        woken, now = self.look(), self._seconds()
        if self._tried is not None and now - self._tried < PARK_SECONDS:
            return woken
        self._tried = now
        if self._renewed is None or now - self._renewed >= RENEW_SECONDS:
            self._renewed = now
            self.renew()
        return woken + self.park()

    def check(self) -> None:
        """`NoParking` where Airflow or its database is another than the one that parking is written for."""
        now = self._seconds()
        if self._checked is not None and now - self._checked < CHECK_SECONDS:
            return
        try:
            with self._begun() as connection:
                found = parking_login.problems(connection)
            version = "" if found else self._api.version()
        except Unavailable:
            if self._checked is None:
                raise
            return  # it was right before
        if version and version != parking_login.AIRFLOW:
            found = [f"Airflow is {version}, parking knows {parking_login.AIRFLOW}"]
        self._problem = "; ".join(found)
        if found:
            self._checked = None
            raise NoParking(
                f"nothing is parked: {self._problem}", hint=f"`{typed('doctor')}` says what to do"
            )
        self._checked = now

    def park(self) -> int:
        """Park the runs that are quiet."""
        spared = self._still_spared()
        with self._begun() as connection:
            values = {
                "bundle": self._bundle,
                "margin": MARGIN,
                "least": LEAST,
                "longest": self._longest,
                "most": MOST_AT_ONCE,
                "spared": spared,
            }
            parked = _ids(connection, statements.PARK, **values)
            if parked:  # another snapshot: something may have come while it was decided
                self._unpark(connection, self._restless(connection, parked))
        return len(parked)

    def renew(self) -> int:
        """Park the runs for longer whose parking would end soon for nothing; returns how many."""
        values = {
            "bundle": self._bundle,
            "margin": MARGIN,
            "within": RENEWED_WITHIN,
            "unseen": LONGEST_UNSEEN,
            "longest": self._longest,
            "most": MOST_AT_ONCE,
        }
        with self._begun() as connection:
            renewed = _ids(connection, statements.RENEW, **values)
            self._unpark(connection, self._restless(connection, renewed))
        return len(renewed)

    def look(self) -> int:
        """Put back parked runs to which something has happened."""
        with self._begun() as connection:
            news = _ids(connection, statements.ACTING, bundle=self._bundle)
            touched = _ids(connection, statements.TOUCHED, within=LOG_WITHIN)
            asked = {*touched, *self._next_of_round(connection)}
            news += self._restless(connection, asked)
            woken = self._unpark(connection, news)
            self._count(connection)
        return woken

    def wake(self, runs: Collection[tuple[str, str]]) -> int:
        """Put these runs back, each named by its DAG's id and its own, and leave them alone for a moment:
        what has come for them is yet to arrive in Airflow.
        """
        with self._begun() as connection:
            dags, names = [dag for dag, _ in runs], [name for _, name in runs]
            found = _ids(connection, statements.NAMED, dags=dags, names=names)
            with self._lock:
                self._spared |= dict.fromkeys(found, self._seconds() + SPARED_SECONDS)
            return self._unpark(connection, found)

    def wake_all(self) -> int:
        """Put all back: nothing is to be parked any more."""
        with self._begun() as connection:
            return self._unpark(connection, _ids(connection, statements.ALL_PARKED, bundle=self._bundle))

    def close(self) -> None:
        self._engine.dispose()

    def _next_of_round(self, connection: Connection) -> list[int]:
        """The next parked runs: so one is found that was changed behind everybody's back. All of them where
        somebody has done something to many.
        """
        now = self._seconds()
        many = connection.scalar(statements.MANY_TOUCHED, {"within": LOG_WITHIN})
        if many and (self._all_seen is None or now - self._all_seen >= ALL_SECONDS):
            self._all_seen = now
            return _ids(connection, statements.NEXT_PARKED, after=0, most=sys.maxsize)
        number = max(LEAST_OF_ROUND, round(self._parked / ROUND_SECONDS))
        found = _ids(connection, statements.NEXT_PARKED, after=self._round, most=number)
        self._round = found[-1] if len(found) == number else 0
        return found

    def _restless(self, connection: Connection, runs: Collection[int]) -> list[int]:
        if not runs:
            return []
        values = {"runs": list(runs), "bundle": self._bundle, "margin": MARGIN}
        return _ids(connection, statements.RESTLESS, **values)

    def _unpark(self, connection: Connection, runs: Collection[int]) -> int:
        if not runs:
            return 0
        woken = len(_ids(connection, statements.UNPARK, runs=list(runs)))
        self._woken += woken
        return woken

    def _count(self, connection: Connection) -> None:
        now = self._seconds()
        if self._counted is None or now - self._counted >= COUNT_SECONDS:
            self._parked = int(connection.scalar(statements.PARKED, {"bundle": self._bundle}) or 0)
            self._counted = now

    def _still_spared(self) -> list[int]:
        now = self._seconds()
        with self._lock:
            self._spared = {run: until for run, until in self._spared.items() if until > now}
            return list(self._spared)

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except OperationalError as error:
            raise unanswered(error, self._engine.url) from error
        except ProgrammingError:
            self._checked = None  # a right or a column is gone: the next check names it
            raise


def _engine(url: str) -> Engine:
    arguments = {
        "connect_timeout": 10,
        "application_name": "officeflow-parking",
        "options": "-c statement_timeout=30s -c idle_in_transaction_session_timeout=30s",
    }
    return create_engine(
        sqlalchemy_url(url), pool_size=2, max_overflow=2, pool_pre_ping=True, connect_args=arguments
    )


def _ids(connection: Connection, statement: TextClause, **values: Any) -> list[int]:
    return list(connection.scalars(statement, values))
