"""Waits in a hand-written DAG until a lifecycle event of a person has arrived.

    LifecycleEventSensor(task_id="has_left", org="acme", employee="E1042", kind="employee.exit")

Importing the sensor opens nothing; the database is imported when a task runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import BaseSensorOperator, PokeReturnValue

from officeflow.events.topics import KINDS

if TYPE_CHECKING:
    from airflow.sdk import Context

POKE_SECONDS = 30.0


class LifecycleEventSensor(BaseSensorOperator):
    """Done when the organization's inbox has an event of this kind and person, at or after `since` where that
    is given.

    `org` is the organization's slug, `employee` the HR system's identifier, `kind` one of the four lifecycle
    events, `since` an aware moment or its ISO 8601 text. `employee` and `since` are Airflow templates: the
    DAG's author writes them, not a tenant. The oldest such event goes to XCom as `{"id", "source", "time",
    "correlation_id"}`; payloads stay in the database.
    """

    template_fields: ClassVar[Sequence[str]] = ("employee", "since")  # type: ignore[misc]  # Airflow declares it per instance

    def __init__(
        self,
        *,
        org: str,
        employee: str,
        kind: str,
        since: dt.datetime | str | None = None,
        poke_interval: float = POKE_SECONDS,
        **kwargs: Any,
    ) -> None:
        if kind not in KINDS:
            raise ValueError(f"kind is {kind!r}, not one of {', '.join(KINDS)}")
        kwargs.setdefault("mode", "reschedule")
        super().__init__(poke_interval=poke_interval, **kwargs)
        self.org = org
        self.employee = employee
        self.kind = kind
        self.since = since

    def poke(self, context: Context) -> PokeReturnValue:
        """Look into the inbox once. `NotKnown` where there is no such organization."""
        del context
        from officeflow.database.engine import Database
        from officeflow.events import inbox
        from officeflow.tenants import organizations

        since = self._since()
        database = Database.from_settings()
        try:
            with database.service() as session:
                org_id = organizations.find(session, self.org).org_id
            with database.tenant(org_id) as session:
                found = inbox.oldest(session, employee=self.employee, kind=self.kind, since=since)
        finally:
            database.dispose()
        if found is None:
            self.log.info("no %s of %s has arrived in %s", self.kind, self.employee, self.org)
            return PokeReturnValue(is_done=False)
        self.log.info(
            "%s of %s is in the inbox of %s: event %s", self.kind, self.employee, self.org, found.event_id
        )
        told = {
            "id": found.event_id,
            "source": found.source,
            "time": found.event_time.isoformat(),
            "correlation_id": found.correlation_id,
        }
        return PokeReturnValue(is_done=True, xcom_value=told)

    def _since(self) -> dt.datetime | None:
        since = dt.datetime.fromisoformat(self.since) if isinstance(self.since, str) else self.since
        if since is not None and since.tzinfo is None:
            raise ValueError(f"since is {since}, without a time zone")
        return since
