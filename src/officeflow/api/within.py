"""What routes of one organization share."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.errors import AirflowForbids
from officeflow.api.needs import Caller
from officeflow.database.engine import Database
from officeflow.errors import Unavailable
from officeflow.people import finding as people
from officeflow.people.desk import SEES_ALL
from officeflow.program import typed
from officeflow.rights.principals import Principal
from officeflow.runner.inquiring.asking import Inquiries
from officeflow.runner.inquiring.store import Question
from officeflow.runs import finding
from officeflow.runs.corrections import Person

LONGEST_LOOK = 100.0
"""In seconds: proxies give up on an answer after two minutes."""


def org_of(caller: Caller) -> uuid.UUID:
    """The organization of the path, which the route has."""
    if caller.org_id is None:
        raise LookupError("the route's path names no organization")
    return caller.org_id


def person_of(caller: Caller, why: str) -> Person:
    """Who decides, for the ledger and the audit log."""
    return Person(login=caller.principal.login or caller.actor, why=why, actor=caller.actor)


def run_of(caller: Caller, run_id: uuid.UUID) -> str:
    """The run by the name that services take, where it is one of the organization; `NotKnown`."""
    return finding.name_of(caller.context.database, org_of(caller), run_id)


@contextmanager
def airflow(caller: Caller) -> Iterator[AirflowApi]:
    """Airflow's API as the service account: who may ask this of it, the route's permission has said."""
    try:
        with caller.context.airflow() as api:
            yield api
    except AirflowForbids as error:
        raise Unavailable(
            "Airflow refuses OfficeFlow's own account", hint=f"`{typed('doctor')}` says what is wrong"
        ) from error


def answer(caller: Caller, question: Question) -> Mapping[str, Any]:
    """What systems say: a task of Airflow's looks, and is waited for. `Unavailable` where there is none."""
    with airflow(caller) as api:
        inquiries = Inquiries(caller.context.database, api, seconds=LONGEST_LOOK)
        return inquiries.ask(org_of(caller), caller.org, question)


def sees_all(principal: Principal, org_id: uuid.UUID) -> bool:
    """Whether they see what others are asked."""
    return principal.is_platform_admin or principal.roles.get(org_id) in SEES_ALL


def may_see(
    database: Database, day: dt.date, principal: Principal, org_id: uuid.UUID
) -> frozenset[uuid.UUID] | None:
    """The users whose requests they may see; None: everybody's."""
    if sees_all(principal, org_id):
        return None
    with database.tenant(org_id) as session:
        return people.theirs(session, org_id, principal.login, day).users
