"""An organization whose workflows ask whose account it is, who may have what, and whether the doors are
closed: in a real Airflow, with one directory.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
import threading
import time
from typing import Any

import psycopg
from sqlalchemy import select
from sqlalchemy.engine import make_url

from listeners.inbound.dispatch import Dispatcher
from listeners.inbound.options import Options
from listeners.steward.answers import Answers
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import Employee, HumanRequest, NodeRun, Organization, WorkflowRun
from officeflow.events import inbox
from officeflow.events.message import Message
from officeflow.ids import employee_id, new_id, workflow_run_id
from officeflow.owners import owned, owner
from officeflow.statuses import EmployeeStatus
from officeflow.tenants import administration
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.airflow.test_workflows import conf, shows
from tests.counterparts.scim import ScimServer
from tests.dag_factory.conftest import Published, definition

ORG = "access"
"""The first by the alphabet: what the platform does for each organization in order, it does for it first."""
DOMAIN = f"{ORG}.example"
APPROVERS = {"asked": [{"role": "approver"}]}
NUMBER = "${{ employee.external_id }}"


def identity(node_type: str, **params: Any) -> dict[str, Any]:
    given = {"external_id": NUMBER, **params}
    return {"id": node_type, "type": f"identity.{node_type}", "connection": "directory", "params": given}


def _verify() -> dict[str, Any]:
    node = identity("verify_closed", login="${{ employee.work_email }}", connections="all")
    del node["connection"]
    return node


ACCOUNT = "${{ nodes.correlate_account.output.account_id }}"
NAMES = {"given_name": "${{ employee.given_name }}", "family_name": "${{ employee.family_name }}"}
DRAWN: dict[str, dict[str, Any]] = {
    "move": {
        "trigger": {"events": ["employee.transfer"]},
        "nodes": [identity("apply_access", overlap="P14D", **APPROVERS)],
        "edges": [],
    },
    "return": {
        "nodes": [
            identity(
                "correlate_account",
                login="${{ employee.work_email }}",
                former_logins=["${{ event.payload.former }}"],
                **NAMES,
                **APPROVERS,
            ),
            {**identity("reactivate_account"), "params": {"account_id": ACCOUNT}},
            identity("create_account", login="${{ event.payload.login }}", **NAMES),
        ],
        "edges": [
            {
                "from": "correlate_account",
                "to": "reactivate_account",
                "condition": "nodes.correlate_account.output.found",
            },
            {
                "from": "correlate_account",
                "to": "create_account",
                "condition": "!nodes.correlate_account.output.found",
            },
        ],
    },
    "leave": {"nodes": [_verify()], "edges": []},
}


class Ruled:
    """The organization, its people, and what becomes of its runs; `dags` is each workflow's."""

    def __init__(self, airflow: EmbeddedAirflow, database: Database) -> None:
        self.airflow, self.database = airflow, database
        self.org = Organization(org_id=new_id(), slug=ORG, name="Access", domain=DOMAIN, plan="standard")
        with database.service() as session:
            session.add(self.org)
        administration.create_user(
            database, ORG, email=f"boss@{DOMAIN}", name="Boss", role="approver", airflow_login="admin", by="t"
        )
        published = Published(database, self.org)
        drawn = {slug: definition(slug, **each) for slug, each in DRAWN.items()}
        for slug, each in drawn.items():
            published.publish(slug, each)
        eventually(lambda: all(shows(airflow.api, f"{ORG}__{slug}", each) for slug, each in drawn.items()))

    # ── people and their accounts ──

    def employ(self, number: str, name: str, **fields: Any) -> None:
        """The person's record says this."""
        person = Employee(
            employee_id=employee_id(self.org.org_id, number),
            org_id=self.org.org_id,
            external_id=number,
            status=EmployeeStatus.ACTIVE,
            given_name=name,
            family_name="López",
            work_email=address(name),
        )
        for field, value in fields.items():
            setattr(person, field, value)
        with self.database.service() as session:
            session.merge(person)

    def arrives(self, kind: str, number: str, **payload: Any) -> dict[str, str]:
        """An event of the person, and each run that it starts: the DAG's id to the run's."""
        body = {
            "specversion": "1.0",
            "id": f"{kind}-{number}",
            "source": "hr",
            "type": kind,
            "subject": number,
            "time": dt.datetime.now(dt.UTC).isoformat(),
            "data": payload,
        }
        message = Message(
            topic=f"{kind}.{ORG}",
            partition=0,
            offset=time.monotonic_ns(),
            value=json.dumps(body).encode(),
            timestamp=dt.datetime.now(dt.UTC),
        )
        with self.database.service() as session:
            assert len(inbox.store(session, [message], own_source="officeflow").new) == 1
        dispatcher = Dispatcher(self.database, self.airflow.api, options=Options(), stop=threading.Event())
        while dispatcher.dispatch_next():
            pass
        person = employee_id(self.org.org_id, number)
        with self.database.service() as session:
            rows = session.scalars(select(WorkflowRun).where(WorkflowRun.employee_id == person))
            return {row.dag_id: row.dag_run_id for row in rows}

    def start(self, dag_id: str, number: str, **payload: Any) -> str:
        """A run about the person; its id."""
        run, told = f"test__{secrets.token_hex(4)}", conf(org=ORG, **payload)
        assert self.airflow.api.trigger(dag_id, run, {**told, "event": {**told["event"], "employee": number}})
        return run

    # ── questions ──

    def asks(self, dag_id: str, run: str) -> HumanRequest:
        """What the run asks people, once it does and its task has left its worker."""
        run_id = workflow_run_id(dag_id, run)

        def asked() -> HumanRequest | None:
            with self.database.service() as session:
                return session.scalars(select(HumanRequest).filter_by(run_id=run_id)).one_or_none()

        request = eventually(asked)
        assert request is not None
        self.airflow.await_parked(dag_id, run, request.node_key)
        return request

    def tell_airflow(self) -> None:
        """As the steward does."""
        Answers(self.database, self.airflow.api, SystemClock()).tell()

    # ── time ──

    def await_date(self, dag_id: str, run: str, task: str) -> None:
        def waits() -> bool:
            found = self.airflow.api.task_instances(dag_id, run)
            return {each["task_id"]: each["state"] for each in found}[task] == "up_for_reschedule"

        eventually(waits)

    def passes(self, time_: dt.timedelta, dag_id: str, run: str, task: str) -> None:
        """Everything that the waiting task counts from was so much earlier: its act's first look, the date
        that it has kept, and the date on which Airflow goes on with it.
        """
        with self.database.service() as session:
            row = session.scalars(
                select(NodeRun).filter_by(run_id=workflow_run_id(dag_id, run), node_key=task)
            ).one()
            assert row.started_at is not None
            row.started_at -= time_
            kept = dict(row.progress or {})
            if "until" in kept:
                kept["until"] = (dt.datetime.fromisoformat(kept["until"]) - time_).isoformat()
            person = str((row.input or {}).get("params", {}).get("external_id", ""))
            row.progress = owned(owner(self.org.org_id, person), kept)
        url = make_url(self.airflow.setup.database_url).set(drivername="postgresql")
        with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
            moved = connection.execute(
                "UPDATE task_reschedule SET reschedule_date = reschedule_date - %s WHERE ti_id ="
                " (SELECT id FROM task_instance WHERE dag_id = %s AND run_id = %s AND task_id = %s)",
                (time_, dag_id, run, task),
            )
            assert moved.rowcount

    # ── what was done ──

    def act(self, dag_id: str, run: str, task: str) -> NodeRun:
        """The one act of the node, whatever was cleared."""
        with self.database.service() as session:
            query = select(NodeRun).filter_by(run_id=workflow_run_id(dag_id, run), node_key=task)
            return session.scalars(query).one()

    def questions(self, dag_id: str, run: str) -> int:
        with self.database.service() as session:
            query = select(HumanRequest).filter_by(run_id=workflow_run_id(dag_id, run))
            return len(session.scalars(query).all())


def address(name: str) -> str:
    return f"{name.lower()}@{DOMAIN}"


def has_account(server: ScimServer, login: str, **fields: Any) -> str:
    """Makes the account; its id."""
    body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": login, **fields}
    with server.client() as client:
        made = client.post("/Users", json=body)
        made.raise_for_status()
        return str(made.json()["id"])


def is_in(server: ScimServer, account_id: str, group: str) -> None:
    """Somebody else puts the account into the group."""
    members = {"path": "members", "value": [{"value": account_id}]}
    _patch(server, f"/Groups/{_group_id(server, group)}", op="add", **members)


def leaves(server: ScimServer, account_id: str, group: str) -> None:
    """Somebody else takes the account out of the group."""
    members = f'members[value eq "{account_id}"]'
    _patch(server, f"/Groups/{_group_id(server, group)}", op="remove", path=members)


def opens(server: ScimServer, account_id: str, *, active: bool) -> None:
    """Somebody else switches the account on or off."""
    _patch(server, f"/Users/{account_id}", op="replace", path="active", value=active)


def is_deleted(server: ScimServer, account_id: str) -> None:
    with server.client() as client:
        client.delete(f"/Users/{account_id}").raise_for_status()


def _group_id(server: ScimServer, name: str) -> str:
    with server.client() as client:
        groups = client.get("/Groups").json()["Resources"]
    return next(str(each["id"]) for each in groups if each["displayName"] == name)


def _patch(server: ScimServer, where: str, **operation: Any) -> None:
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}
    with server.client() as client:
        client.patch(where, json=body).raise_for_status()
