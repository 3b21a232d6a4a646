"""The part of an erasure that is done elsewhere: Airflow forgets the person's runs, and their logs go.

Airflow keeps of a run its conf and its note, the XComs, rendered fields and questions of its tasks: all of it
goes with the run. What its API was asked stays in its event log, whose text is emptied by the login that
parks runs. Task logs on this machine are removed; where Airflow keeps them elsewhere the report says so.
"""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow.airflow_api.client import AirflowApi
from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.database import parking_login
from officeflow.database.engine import Database
from officeflow.database.tables import Erasure, Organization
from officeflow.errors import OfficeFlowError
from officeflow.privacy import about, topics
from officeflow.privacy.remains import Remaining
from officeflow.settings import Settings
from officeflow.statuses import ErasureState

BY = "service:steward"
MOST_SECONDS = 600.0
AT_ONCE = 20
ERROR_LENGTH = 1000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Forgetting:
    """For one thread."""

    database: Database
    api: AirflowApi
    settings: Settings

    def act(self) -> int:
        """Go on with the erasure that is due; how many runs were forgotten, or 1 where it was finished."""
        with self.database.service() as session:
            erasure = session.scalar(_due())
            if erasure is None:
                return 0
            try:
                return self._go_on(session, erasure)
            except OfficeFlowError as error:
                self._postpone(session, erasure, error)
                return 0

    def _go_on(self, session: Session, erasure: Erasure) -> int:
        now, rest = erasure.airflow[:AT_ONCE], erasure.airflow[AT_ONCE:]
        counts: dict[str, Any] = dict(erasure.report.get("airflow") or {})
        for run in now:
            for name, number in self._forget(run["dag_id"], run["dag_run_id"]).items():
                counts[name] = counts.get(name, 0) + number
        erasure.airflow = rest
        erasure.report = {**erasure.report, "airflow": counts}
        if not rest:
            self._finish(session, erasure)
        return max(len(now), 1)

    def _forget(self, dag_id: str, run_id: str) -> dict[str, int]:
        forgotten = self.api.delete_run(dag_id, run_id)
        parking = self.settings.parking_database_url.get_secret_value()
        emptied = parking_login.forget(parking, dag_id, run_id) if parking else 0
        return {"runs": int(forgotten), "event_log": emptied, "logs": self._remove_logs(dag_id, run_id)}

    def _remove_logs(self, dag_id: str, run_id: str) -> int:
        """How many files; 0 where they are not on this machine."""
        if not self.settings.airflow_logs:
            return 0
        folder = Path(self.settings.airflow_logs) / f"dag_id={dag_id}" / f"run_id={run_id}"
        files = sum(1 for path in folder.rglob("*") if path.is_file())
        shutil.rmtree(folder, ignore_errors=True)
        return files

    def _finish(self, session: Session, erasure: Erasure) -> None:
        slug = session.scalars(select(Organization.slug).where(Organization.org_id == erasure.org_id)).one()
        at = erasure.erased_at or _now(session)
        left = [*topics.remaining(self.settings.kafka, slug, at=at), *self._elsewhere()]
        report = erasure.report
        erasure.report = {**report, "remains": [*report["remains"], *(each.to_json() for each in left)]}
        erasure.state, erasure.done_at, erasure.last_error = ErasureState.DONE, _now(session), ""
        entry = AuditEntry(
            actor=BY,
            action=AuditAction.PERSON_ERASURE_DONE,
            subject=about.subject(erasure.external_id),
            details={"erasure_id": str(erasure.erasure_id), "airflow": erasure.report.get("airflow") or {}},
        )
        audit.append(session, erasure.org_id, entry)

    def _elsewhere(self) -> list[Remaining]:
        left = [
            Remaining(
                "logs of the processes",
                "lines that name the identifier, a run or an event of theirs",
                "they are rotated",
                "they hold no field of a payload",
            ),
            Remaining(
                "Airflow's runs that OfficeFlow has no row of",
                "what hand-written DAGs without our operators were given",
                "`airflow db clean`",
                "nothing tells whom they are about",
            ),
        ]
        if not self.settings.parking_database_url.get_secret_value():
            left.append(
                Remaining(
                    "Airflow's event log (table log, column extra)",
                    "the conf of their runs, as the API was asked for them",
                    "`airflow db clean --tables log`",
                    "OFFICEFLOW_PARKING_DATABASE_URL names no login that could empty it",
                )
            )
        if not self.settings.airflow_logs:
            left.append(
                Remaining(
                    "Airflow's task logs",
                    "what nodes of their runs told",
                    "they are removed where they are kept",
                    "OFFICEFLOW_AIRFLOW_LOGS names no folder of the steward's machine",
                )
            )
        return left

    def _postpone(self, session: Session, erasure: Erasure, error: OfficeFlowError) -> None:
        erasure.attempts += 1
        delay = min(MOST_SECONDS, 2.0 ** min(erasure.attempts, 10))
        erasure.next_attempt_at = _now(session) + dt.timedelta(seconds=delay)
        erasure.last_error = f"{error}"[:ERROR_LENGTH].replace("\0", "")
        log.warning("Airflow cannot forget an erased person's runs yet", error=str(error))


def _due() -> Any:
    query = select(Erasure).where(
        Erasure.state == ErasureState.ERASED, Erasure.next_attempt_at <= func.clock_timestamp()
    )
    return query.order_by(Erasure.next_attempt_at).limit(1).with_for_update(skip_locked=True)


def _now(session: Session) -> dt.datetime:
    now: dt.datetime = session.scalars(select(func.clock_timestamp())).one()
    return now
