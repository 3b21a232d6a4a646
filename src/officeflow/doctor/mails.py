"""The mails by which the platform tells people what they are asked."""

from __future__ import annotations

from collections.abc import Iterator

from officeflow.doctor.finding import Check, Finding, Subject, ok, problem, warning
from officeflow.errors import OfficeFlowError
from officeflow.people.mailing import Mailer

AREA = "mails"


def server(subject: Subject) -> Iterator[Finding]:
    try:
        mailer = Mailer.from_settings(subject.known)
        if mailer is None:
            yield warning(
                "OFFICEFLOW_MAIL_HOST is empty: nobody is told by mail what they are asked",
                "set it and OFFICEFLOW_MAIL_SENDER, or let people look at Airflow's Required actions",
            )
        else:
            yield ok(mailer.check())
    except OfficeFlowError as error:
        yield problem(f"no mail can be sent: {error.message}", error.hint or "correct OFFICEFLOW_MAIL_…")


CHECKS = (Check(area=AREA, name="server", examine=server, needs=("settings.readable",)),)
