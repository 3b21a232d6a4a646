"""Mails to those whom runs ask: once when they are asked, and once more before the time is over; and to those
who begin to stand in for somebody who was asked before.

A mail is sent once its link is in the database, and is noted as sent afterwards: who is killed between sends
it again, with the same Message-ID and another link. A mail that the server refuses for good is noted with its
reason, for whoever looks at the request; one that it puts off is tried again.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from uuid import UUID

import structlog

from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.errors import Rejected
from officeflow.people import due, letters, links, unmailed
from officeflow.people.letters import Letter, moment
from officeflow.people.mailing import Mailer
from officeflow.people.paths import ANSWER_PATH
from officeflow.people.unmailed import Addressee
from officeflow.settings import Settings

AT_ONCE = 50
"""Requests that one turn sees to."""

PUT_OFF_SECONDS = 60.0
"""When somebody is tried again whose mail the server has put off."""

ABOUT_RECIPIENT = "the recipient"
"""How a mail connector's call begins that a server refuses because of who is written to."""

log = structlog.get_logger(__name__)


class Asking:
    """Each method may be called from one thread."""

    def __init__(
        self,
        database: Database,
        mailer: Mailer,
        clock: Clock,
        *,
        url: str,
        link_hours: float,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`url` is Airflow's, as people's browsers find it. `seconds` measures the pauses of this process."""
        self._database = database
        self._mailer = mailer
        self._clock = clock
        self._url = url.rstrip("/")
        self._link_time = dt.timedelta(hours=link_hours)
        self._seconds = seconds
        self._later: dict[UUID, float] = {}

    @classmethod
    def from_settings(cls, settings: Settings, database: Database, clock: Clock) -> Asking | None:
        """None where the settings name no mail server."""
        mailer = Mailer.from_settings(settings)
        if mailer is None:
            return None
        url = settings.public_url or settings.airflow_url
        return cls(database, mailer, clock, url=url, link_hours=settings.link_hours)

    def ask(self) -> int:
        """Write to those who are asked and have no mail yet; returns how many mails were taken."""
        now = self._seconds()
        self._later = {each: until for each, until in self._later.items() if until > now}
        with self._database.service() as session:
            waiting = unmailed.asked(session, most=AT_ONCE, without=self._later)
        sent = 0
        for org_id, request_id in waiting:
            for each in self._addressees(org_id, request_id):
                if not each.mailed and each.assignment_id not in self._later:
                    sent += self._write(each, reminds=False)
        return sent

    def remind(self) -> int:
        """Write once more to those who have not answered what is due; returns how many mails were taken."""
        now = self._clock.now()
        with self._database.service() as session:
            waiting = [
                (each.org_id, each.request_id, each.remind_at)
                for each in due.to_remind(session, now, most=AT_ONCE)
            ]
        sent = 0
        for org_id, request_id, remind_at in waiting:
            sent += sum(self._write(each, reminds=True) for each in self._addressees(org_id, request_id))
            with self._database.tenant(org_id) as session:
                due.reminded(session, request_id, due=remind_at or now)
        return sent

    def stand_ins(self) -> int:
        """Write, once, to those who have begun to stand in for somebody who has their mail; returns how many
        mails were taken.
        """
        day, after, sent = self._clock.now().astimezone(dt.UTC).date(), None, 0
        while True:
            with self._database.service() as session:
                waiting = unmailed.standing_in(session, day, most=AT_ONCE, after=after)
            for org_id, request_id, assignment_id in waiting:
                sent += sum(
                    self._write(each, reminds=False) for each in self._new(org_id, request_id, assignment_id)
                )
            if len(waiting) < AT_ONCE:
                return sent
            after = waiting[-1][2]

    def _new(self, org_id: UUID, request_id: UUID, assignment_id: UUID) -> list[Addressee]:
        """Who stands in by this assignment and has no mail of it."""
        if self._later.get(assignment_id, 0.0) > self._seconds():
            return []
        there = [each for each in self._addressees(org_id, request_id) if each.assignment_id == assignment_id]
        with self._database.tenant(org_id) as session:
            return [each for each in there if each.stands_in and not unmailed.is_written(session, each)]

    def _addressees(self, org_id: UUID, request_id: UUID) -> list[Addressee]:
        with self._database.tenant(org_id) as session:
            return unmailed.addressees(session, request_id, now=self._clock.now())

    def _write(self, to: Addressee, *, reminds: bool) -> bool:
        """Whether the server took the mail. What is wrong with the server itself is raised."""
        key = f"{to.assignment_id.hex}.{to.user_id.hex[:8]}" + (".reminder" if reminds else "")
        token, until = self._link(to)
        letter = self._letter(to, token, until, reminds=reminds)
        try:
            sent = self._mailer.send(letters.mail_of(letter), key=key, correlation_id=to.correlation_id)
        except Rejected as error:
            if not error.operation.startswith(ABOUT_RECIPIENT):
                raise
            self._noted(to, token, problem=error.message)
            log.warning("a mail is refused", assignment=str(to.assignment_id), status=error.status)
            return False
        if sent.put_off:
            self._later[to.assignment_id] = self._seconds() + PUT_OFF_SECONDS
            log.info("a mail is put off", assignment=str(to.assignment_id))
            return False
        self._noted(to, token)
        return True

    def _noted(self, to: Addressee, token: str, problem: str = "") -> None:
        with self._database.tenant(to.org_id) as session:
            unmailed.mailed(session, to, token, now=self._clock.now(), problem=problem)

    def _link(self, to: Addressee) -> tuple[str, dt.datetime]:
        """The token of a new link, and until when it holds."""
        now = self._clock.now()
        until = min(now + self._link_time, to.deadline or dt.datetime.max.replace(tzinfo=dt.UTC))
        with self._database.tenant(to.org_id) as session:
            token = links.mint(
                session,
                org_id=to.org_id,
                assignment_id=to.assignment_id,
                user_id=to.user_id,
                now=now,
                until=until,
            )
        return token, until

    def _letter(self, to: Addressee, token: str, until: dt.datetime, *, reminds: bool) -> Letter:
        ends = to.deadline or to.due
        return Letter(
            kind=to.kind,
            to=to.email,
            name=to.name,
            organization=to.organization,
            subject=to.subject,
            why=to.why,
            link=f"{self._url}{ANSWER_PATH}/{token}",
            until=moment(until),
            deadline=moment(ends) if ends else "",
            reminds=reminds,
        )
