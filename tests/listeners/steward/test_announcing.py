"""Mails about releases, in a real inbox."""

from __future__ import annotations

from email import message_from_string, policy

import pytest

from listeners.steward.announcing import Announcing
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.people.mailing import Mailer
from officeflow.settings import load_settings
from officeflow.statuses import ReleaseKind, ReleaseState
from officeflow.tenants import users
from officeflow.workflows import release_store
from tests.counterparts.inbox import SmtpInbox


@pytest.fixture
def announcing(database: Database, smtp_inbox: SmtpInbox, org: Organization) -> Announcing:
    mailer = Mailer.from_settings(
        load_settings(
            mail_host=smtp_inbox.host,
            mail_port=smtp_inbox.port,
            mail_security="none",
            mail_sender="officeflow@of.example",
        )
    )
    assert mailer is not None
    with database.tenant(org.org_id) as session:
        for name, role in (("ana", "admin"), ("bo", "admin"), ("ed", "editor")):
            email = f"{name}@acme.example"
            users.create(session, org.org_id, email=email, name=name, role=role, airflow_login=name)
    return Announcing(database, mailer)


def mails(inbox: SmtpInbox) -> list[tuple[str, str, str]]:
    """To whom, subject and text, the last one first."""
    found = []
    for each in inbox.messages():
        read = message_from_string(inbox.source(each["id"]), policy=policy.default)
        body = read.get_body()
        assert body is not None
        found.append((str(read["To"]), str(read["Subject"]), body.get_content()))
    inbox.reset()
    return found


def test_the_other_admins_are_told_that_it_waits_and_that_one_has_overridden_it(
    announcing: Announcing, database: Database, org: Organization, smtp_inbox: SmtpInbox
) -> None:
    with database.service() as session:
        made = release_store.ask(
            session,
            org.org_id,
            kind=ReleaseKind.PUBLISH,
            subject="joiner",
            wanted={},
            why="new payroll",
            by="airflow:Ana",
        )
    assert (announcing.announce(), announcing.announce()) == (1, 0)
    ((to, subject, text),) = mails(smtp_inbox)
    assert (to, subject) == ("bo@acme.example", "Acme: a release waits for a second admin")
    assert "airflow:Ana wants to publish to the protected workflow joiner. The reason: new payroll" in text
    assert str(made.release_id) in text
    with database.service() as session:
        again = release_store.find(session, org.org_id, str(made.release_id))
        again.state, again.decided_by = ReleaseState.OVERRIDDEN, "airflow:bo"
        again.decision, again.is_announced = "payroll stands", False
    assert announcing.announce() == 1
    ((to, subject, text),) = mails(smtp_inbox)
    assert to == "ana@acme.example"
    assert "airflow:bo alone has decided" in text
    assert "payroll stands" in text
