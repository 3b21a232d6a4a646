"""A person is hired into all systems, moved, and ended; after each step every system is asked itself."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.demo.identity import publishing
from officeflow.demo.identity.expected import Step, missing
from officeflow.demo.identity.people import SECOND, Newcomer, head, next_person
from officeflow.demo.identity.reading import reader
from officeflow.demo.identity.report import Cell, Told, tell
from officeflow.demo.identity.running import Office, Ran, run
from officeflow.demo.identity.starting import Started
from officeflow.demo.report import Teller
from officeflow.events.topics import EMPLOYEE_EXIT, EMPLOYEE_ONBOARD, EMPLOYEE_TRANSFER
from officeflow.settings import Settings
from officeflow.stack.progress import Progress

AT_ONCE: Mapping[str, Any] = {"immediate": True, "voluntary": False}
"""What an exit says where access has to end now."""


def run_identity(
    started: Started, settings: Settings, *, json_output: bool = False, progress: Progress
) -> bool:
    """True when every system says after every step what it should."""
    teller = Teller(json_output=json_output)
    with Database.from_settings(settings) as database, AirflowApi.from_settings(settings) as api:
        org = publishing.publish(started, settings, database, api, progress)
        office = Office(started.stack, database, api, org, teller)
        see_to_head(office, started)
        told = Told(next_person(database, org), started.left_out, airflow(started))
        for step in Step:
            told.runs.append(take(office, started, told.person, step))
            told.cells += look(started, told.person, step)
    tell(teller, told)
    if json_output:
        write_json(told.to_json())
    return told.complete


def take(office: Office, started: Started, person: Newcomer, step: Step) -> Ran:
    """The event of the step, and its run to the end."""
    match step:
        case Step.HIRED:
            office.teller.line(f"\n{person.name} ({person.employee_id}) joins {person.place.department}")
            kind, workflow, payload = EMPLOYEE_ONBOARD, publishing.JOINER, person.payload()
        case Step.MOVED:
            office.teller.line(f"\n{person.name} moves to {SECOND.department}")
            kind, workflow, payload = EMPLOYEE_TRANSFER, publishing.MOVER, SECOND.payload()
        case Step.ENDED:
            sign_in(started, person)
            office.teller.line(f"\n{person.name} leaves at once")
            kind, workflow, payload = EMPLOYEE_EXIT, publishing.LEAVER, dict(AT_ONCE)
    return run(office, kind, person.employee_id, payload, workflow=workflow)


def see_to_head(office: Office, started: Started) -> None:
    """Everybody's manager is in all systems: hired the same way, once."""
    person = head()
    if any(cell.missing for cell in look(started, person, Step.HIRED)):
        take(office, started, person, Step.HIRED)


def look(started: Started, person: Newcomer, step: Step) -> list[Cell]:
    cells = []
    for system in started.systems:
        accounts = reader(started.stack, system).accounts(person.employee_id)
        cells.append(Cell(system, step, accounts, missing(system, step, person, accounts)))
    return cells


def sign_in(started: Started, person: Newcomer) -> None:
    """The person has sessions where that can be played."""
    for system in started.systems:
        asked = reader(started.stack, system)
        for seen in asked.accounts(person.employee_id):
            asked.sign_in(seen)


def airflow(started: Started) -> dict[str, str]:
    stack = started.stack
    return {"url": stack.airflow_url, "login": "admin", "password": stack.secrets["airflow_admin"]}


def write_json(told: Mapping[str, Any] | Sequence[Any]) -> None:
    json.dump(told, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")
