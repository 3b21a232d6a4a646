"""Verifies audit logs for those who have not the key: when somebody asks, and once a day by itself."""

from __future__ import annotations

import datetime as dt
import uuid

import structlog

from officeflow.audit import verifications
from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.doctor.audit_log import examine
from officeflow.errors import OfficeFlowError
from officeflow.settings import Settings

EVERY = dt.timedelta(days=1)

log = structlog.get_logger(__name__)


class AuditChecks:
    """`act` is a steward's duty."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock

    def act(self) -> int:
        """Verify what is asked for or due; how many organizations' logs."""
        self._ask_for_what_is_due()
        with self._database.service() as session:
            wanted = [(row.verification_id, row.org_id) for row in verifications.wanted(session)]
        for verification_id, org_id in wanted:
            self._verify(verification_id, org_id)
        return len(wanted)

    def _ask_for_what_is_due(self) -> None:
        now = self._clock.now()
        with self._database.service() as session:
            due = verifications.due(session, before=now - EVERY)
        for org_id in due:
            with self._database.tenant(org_id) as session:
                verifications.ask(session, org_id, by=verifications.STEWARD, now=now)

    def _verify(self, verification_id: uuid.UUID, org_id: uuid.UUID) -> None:
        try:
            found = examine(self._database, self._settings, str(org_id))
        except OfficeFlowError as error:
            with self._database.service() as session:
                verifications.note(session, verification_id, now=self._clock.now(), error=error.message)
            return
        problems = list(map(str, found.problems))
        if problems:
            log.error("the audit log is not whole", org=found.org, problems=problems[:20])
        with self._database.service() as session:
            verifications.note(
                session,
                verification_id,
                now=self._clock.now(),
                records=found.head.sequence,
                waiting=found.waiting,
                anchor=str(found.head) if found.head.sequence else "",
                compared=found.compared(),
                problems=problems,
            )
