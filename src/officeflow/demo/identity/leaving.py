"""An emergency: somebody who is in all systems, with sessions open, has to be out of them now."""

from __future__ import annotations

from typing import Any

from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.demo.identity import doors, publishing
from officeflow.demo.identity.doors import Door
from officeflow.demo.identity.expected import Step
from officeflow.demo.identity.people import next_person
from officeflow.demo.identity.reading import reader
from officeflow.demo.identity.report import Told, end
from officeflow.demo.identity.running import Office
from officeflow.demo.identity.starting import Started
from officeflow.demo.identity.story import airflow, look, see_to_head, take, write_json
from officeflow.demo.report import Teller
from officeflow.settings import Settings
from officeflow.stack.progress import Progress


def run_exit(started: Started, settings: Settings, *, json_output: bool = False, progress: Progress) -> bool:
    """Hire the next person into all systems and end them at once. True when every door was closed, and every
    system says that it is.
    """
    teller = Teller(json_output=json_output)
    with Database.from_settings(settings) as database, AirflowApi.from_settings(settings) as api:
        org = publishing.publish(started, settings, database, api, progress)
        office = Office(started.stack, database, api, org, teller)
        see_to_head(office, started)
        told = Told(next_person(database, org), started.left_out, airflow(started))
        for step in (Step.HIRED, Step.ENDED):
            told.runs.append(take(office, started, told.person, step))
            told.cells += look(started, told.person, step)
        found = closed(started, told)
    problems = told.problems() + doors.left_open(started.systems, found)
    doors.tell(teller, found)
    end(teller, problems, told.left_out, told.airflow)
    if json_output:
        write_json(_as_json(told, found, problems))
    return not problems


def closed(started: Started, told: Told) -> list[Door]:
    """By the journals of the systems, since the event of the last run."""
    at = told.runs[-1].at
    return doors.in_order(
        (
            (cell.system, closing)
            for cell in told.cells
            if cell.step is Step.ENDED
            for seen in cell.accounts
            for closing in reader(started.stack, cell.system).closings(seen, at)
        ),
        at,
    )


def _as_json(told: Told, found: list[Door], problems: list[str]) -> dict[str, Any]:
    return {
        **told.to_json(),
        "complete": not problems,
        "missing": problems,
        "doors": [each.to_json() for each in found],
        "last": round(found[-1].seconds, 3) if found else None,
    }
