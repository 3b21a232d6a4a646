"""A contractor who comes in when somebody says yes: the demonstration of a run that waits for a person."""

from __future__ import annotations

from officeflow.airflow_api.addresses import answers_address
from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.demo import setup
from officeflow.demo.report import Teller
from officeflow.demo.run import Story, hire, prepare, tell
from officeflow.people import requests
from officeflow.program import typed
from officeflow.runs.follow import NodeStep, RunFound
from officeflow.settings import Settings
from officeflow.stack.counterparts import discover
from officeflow.stack.progress import Progress, TextProgress
from officeflow.stack.servers import counterparts
from officeflow.stack.stack import Stack

ADMINISTRATOR = "admin"
WAIT_SECONDS = 7 * 86_400.0
"""As long as the workflow itself waits."""


def run_approval(
    stack: Stack, settings: Settings, *, json_output: bool = False, progress: Progress | None = None
) -> bool:
    """Hire the next invented person as a contractor, say where the approval is given, and go on when it is.
    True when all the evidence is there.
    """
    teller = Teller(json_output=json_output)
    with Database.from_settings(settings) as database, AirflowApi.from_settings(settings) as api:
        setup.ensure_lead(database, setup.ensure_organization(database), airflow_login=ADMINISTRATOR)
        org = prepare(
            stack,
            settings,
            database,
            api,
            progress or TextProgress(),
            definitions=setup.APPROVAL_DEFINITIONS,
        )
        where = Where(stack, database, org, teller)
        story = Story(
            workflow=setup.APPROVAL_WORKFLOW,
            payload={"employment_type": "contractor"},
            waiting=where.say,
            seconds=WAIT_SECONDS,
        )
        summary = hire(stack, database, api, org, teller=teller, story=story)
    tell(teller, summary, json_output=json_output)
    return summary.complete


class Where:
    """Says once where an answer is given."""

    def __init__(self, stack: Stack, database: Database, org: Organization, teller: Teller) -> None:
        self._stack = stack
        self._database = database
        self._org = org
        self._teller = teller
        self._said: set[str] = set()

    def say(self, run: RunFound, step: NodeStep) -> None:
        with self._database.tenant(self._org.org_id) as session:
            request = requests.open_at(session, run.run_id, step.node, step.map_index)
        if request is None or str(request.request_id) in self._said:
            return
        self._said.add(str(request.request_id))
        inbox, line = counterparts.url(self._stack, "inbox"), self._teller.line
        line(f"\n{setup.LEAD} is asked: “{request.subject}” Answer in one of three ways:")
        line(f"  Airflow  {answers_address(run.dag_id, run.dag_run_id)}")
        line(f"           as {ADMINISTRATOR}, password {self._stack.secrets['airflow_admin']}")
        line(f"  mail     {inbox} has it, with a link that needs no login")
        line(f"           as {discover()['inbox'].login}, password {self._stack.secrets['inbox']}")
        command = f"{typed('approval approve')} {str(request.request_id)[:8]} --login {ADMINISTRATOR}"
        line(f"  command  {command}")
        line("Nothing runs meanwhile. Ctrl-C ends only this account of it; the run goes on.\n")
