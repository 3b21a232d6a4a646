"""One demonstration, from the event to the evidence."""

from __future__ import annotations

import datetime as dt
import json
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.types import DagRunState
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.demo import evidence, setup
from officeflow.demo.people import Person, next_person
from officeflow.demo.report import Summary, Teller
from officeflow.errors import Unavailable
from officeflow.events.producer import EventProducer, NewEvent, compose
from officeflow.events.topics import EMPLOYEE_ONBOARD
from officeflow.program import typed
from officeflow.runs.follow import FINISHED, WAITING, NodeStep, RunFound, follow, wait_for_runs, wait_until
from officeflow.settings import Settings
from officeflow.stack.counterparts import discover
from officeflow.stack.progress import Progress, TextProgress
from officeflow.stack.servers import counterparts
from officeflow.stack.stack import Stack
from officeflow.workflows.publish import Publisher

EVENT_SECONDS = 60
RUN_SECONDS = 240
CHAIN_SECONDS = 20
SOURCE = "https://hr.acme.example/demo"


def run_demo(
    stack: Stack, settings: Settings, *, json_output: bool = False, progress: Progress | None = None
) -> bool:
    """Hire the next invented person and show what came of it. True when all the evidence is there."""
    teller = Teller(json_output=json_output)
    with Database.from_settings(settings) as database, AirflowApi.from_settings(settings) as api:
        org = prepare(stack, settings, database, api, progress or TextProgress())
        summary = hire(stack, database, api, org, teller=teller, story=Story())
    tell(teller, summary, json_output=json_output)
    return summary.complete


def tell(teller: Teller, summary: Summary, *, json_output: bool) -> None:
    teller.evidence(summary.evidence)
    teller.addresses(summary)
    if json_output:
        json.dump(summary.as_json(), sys.stdout, ensure_ascii=False, indent=2, default=str)
        sys.stdout.write("\n")


def prepare(
    stack: Stack,
    settings: Settings,
    database: Database,
    api: AirflowApi,
    progress: Progress,
    *,
    definitions: Sequence[str] = setup.DEFINITIONS,
) -> Organization:
    """The organization with its topics, connections and published workflows."""
    with progress.step("Organization acme and its topics"):
        org = setup.ensure_organization(database)
        setup.ensure_topics(settings.kafka)
    with progress.step("Connections") as step:
        step.say(", ".join(setup.ensure_connections(api, counterparts.connections(stack))))
    with progress.step("Webhooks") as step:
        step.say(f"source {setup.ensure_source(database, stack.secrets[setup.SOURCE_SECRET])}")
    with progress.step("Workflows") as step:
        step.say(", ".join(setup.publish_all(Publisher(database, api), definitions)))
    return org


def systems(stack: Stack) -> evidence.Systems:
    return evidence.Systems(
        scim_url=counterparts.url(stack, "scim"),
        scim_token=stack.secrets["scim_token"],
        inbox_url=counterparts.url(stack, "inbox"),
        inbox_login=discover()["inbox"].login,
        inbox_password=stack.secrets["inbox"],
        calendar_url=counterparts.url(stack, "caldav"),
        calendar_login=discover()["caldav"].login,
        calendar_password=stack.secrets["caldav"],
    )


@dataclass(frozen=True, slots=True)
class Story:
    """How a person is hired. `payload` is what the event says beside the person; `waiting` is called with
    every run that comes to wait, and the step that waits.
    """

    workflow: str = setup.MAIN_WORKFLOW
    payload: Mapping[str, Any] = field(default_factory=dict)
    waiting: Callable[[RunFound, NodeStep], None] | None = None
    seconds: float = RUN_SECONDS
    """How long a run may take."""


def hire(
    stack: Stack, database: Database, api: AirflowApi, org: Organization, *, teller: Teller, story: Story
) -> Summary:
    person = next_person(database, org)
    event = NewEvent(
        kind=EMPLOYEE_ONBOARD,
        organization=org.slug,
        employee=person.employee_id,
        payload={**person.payload(), **story.payload},
        time=dt.datetime.now(dt.UTC),
        source=SOURCE,
        id=f"hire-{person.employee_id}-{uuid.uuid4().hex[:8]}",
    )
    message = compose(event, org_id=org.org_id)
    EventProducer(stack.hr_kafka).send([message])
    summary = Summary(
        person=person,
        event_id=event.id,
        topic=message.topic,
        airflow={"url": stack.airflow_url, "login": "admin", "password": stack.secrets["airflow_admin"]},
        inbox={
            "url": counterparts.url(stack, "inbox"),
            "login": discover()["inbox"].login,
            "password": stack.secrets["inbox"],
        },
    )
    teller.line(f"\n{person.name} joins {person.department} in {person.location} on {person.start_date}")
    teller.line(f"Event {event.id} on {message.topic}")
    runs = wait_for_runs(database, org.org_id, event.id, timeout=EVENT_SECONDS)
    for run in runs:
        _follow(api, database, org, run, summary=summary, teller=teller, story=story)
    summary.evidence = collect(
        stack, database, org, person, workflow=story.workflow, correlation_id=event.id, runs=runs
    )
    summary.missing += summary.evidence.missing()
    return summary


def _follow(
    api: AirflowApi,
    database: Database,
    org: Organization,
    run: RunFound,
    *,
    summary: Summary,
    teller: Teller,
    story: Story,
) -> None:
    teller.run(run)
    state = ""
    for told in follow(api, database, org.org_id, run, timeout=story.seconds, shown=FINISHED | WAITING):
        if isinstance(told, NodeStep):
            summary.steps += [told] if told.state in FINISHED else []
            teller.step(told)
            if told.state in WAITING and story.waiting:
                story.waiting(run, told)
        else:
            state = told
    summary.runs.append(
        {"dag_id": run.dag_id, "dag_run_id": run.dag_run_id, "run_id": str(run.run_id), "state": state}
    )
    if state != DagRunState.SUCCESS:
        summary.missing.append(f"the run {run.dag_id} / {run.dag_run_id} ended as {state}")


def collect(
    stack: Stack,
    database: Database,
    org: Organization,
    person: Person,
    *,
    workflow: str,
    correlation_id: str,
    runs: list[RunFound],
) -> evidence.Evidence:
    """Ask every system; the audit rows once the steward has numbered them."""
    main = next((run for run in runs if run.dag_id.endswith(f"__{workflow}")), None)
    if main is None:
        raise Unavailable(
            f"the event did not start {workflow}",
            hint=f"`{typed('workflow list')}` shows what is active",
        )
    ledger = evidence.ledger_of(database, org.org_id, main.run_id)
    uids = [
        row["output"]["uid"] for row in ledger if row["type"] == "calendar.create_event" and row["output"]
    ]
    where = systems(stack)

    audit: tuple[dict[str, object], ...] = ()

    def is_numbered() -> bool:
        nonlocal audit
        audit = evidence.audit_of(database, org.org_id, correlation_id)
        return all(row["sequence"] is not None for row in audit)

    wait_until(is_numbered, timeout=CHAIN_SECONDS)
    return evidence.Evidence(
        accounts=evidence.accounts_at(where, person.work_email),
        mails=evidence.mails_at(where, person.payload()["personal_email"]),
        meetings=tuple(seen for uid in uids for seen in evidence.meetings_at(where, uid)),
        ledger=ledger,
        audit=audit,
    )
