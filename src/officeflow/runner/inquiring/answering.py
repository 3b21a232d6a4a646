"""Whoever answers: a task, which gets connections, looks, and writes what it found. It changes nothing."""

from __future__ import annotations

import dataclasses
import functools
import json
import uuid
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from officeflow.errors import InvalidInput, NotKnown, OfficeFlowError
from officeflow.ids import as_uuid
from officeflow.runner.inquiring import drifting, standings, store
from officeflow.runner.inquiring.store import Taken
from officeflow.runner.planning import calls
from officeflow.runner.planning import given as givens
from officeflow.runner.planning import past as pasts
from officeflow.runner.planning import plan as plans
from officeflow.runner.planning.looking import About, Looks
from officeflow.runner.services import Services
from officeflow.settings import load_settings
from officeflow.statuses import InquiryKind
from officeflow.tenants import organizations
from officeflow.workflows.models import Definition


def answer(services: Services, *, org: str, inquiry: str, slow: bool = False) -> None:
    """Take the inquiry and write its answer, or why there is none.

    `org` is the organization's slug. With `slow` one that may take an hour is taken, without it any other:
    each has slots of its own. `NotKnown` where nobody waits for such an answer; what is no error of ours is
    raised once it is written down, without its words.
    """
    inquiry_id = as_uuid(inquiry)
    if inquiry_id is None:
        raise InvalidInput(f"{inquiry[:60]!r} is not the id of an inquiry")
    with services.database.service() as session:
        org_id = organizations.find(session, org).org_id
    taken = store.take(services.database, org_id, inquiry_id, slow=slow)
    try:
        result = ANSWERS[taken.kind](services, org, taken)
    except OfficeFlowError as error:
        store.end(services.database, taken, {"error": _told(error)}, failed=True)
    except BaseException as error:
        text = f"the look failed: {type(error).__name__}"
        store.end(services.database, taken, {"error": {"message": text}}, failed=True)
        raise
    else:
        store.end(services.database, taken, result)


def _told(error: OfficeFlowError) -> dict[str, Any]:
    problems = [dataclasses.asdict(each) for each in getattr(error, "problems", ())]
    of_input = isinstance(error, InvalidInput | NotKnown)
    return {"message": error.message, "hint": error.hint, "problems": problems, "input": of_input}


def _of_connection(services: Services, org: str, taken: Taken) -> Mapping[str, Any]:
    told = functools.partial(store.note_progress, services.database, taken)
    return standings.of_connection(services.connect, org, str(taken.request["name"]), told=told)


def _of_workflow(services: Services, org: str, taken: Taken) -> Mapping[str, Any]:
    request = taken.request
    definition = Definition.model_validate(request["definition"])
    if request["event"] is None:
        given = givens.of_person(services.database, taken.org_id, request["employee"])
        employee = request["employee"]
    else:
        given = givens.of_event(
            services.database,
            services.clock,
            load_settings(),
            taken.org_id,
            json.dumps(request["event"]).encode(),
            knows_person=True,
        )
        employee = given.values["event"]["employee"]
    about = About(org, employee, correlation_id=str(taken.inquiry_id))
    with closing(_looks(services, taken, about)) as looks:
        callees = calls.callees(services.database, org)
        return plans.to_json(plans.make(definition, given, looks=looks, callees=callees))


def _of_run(services: Services, org: str, taken: Taken) -> Mapping[str, Any]:
    run_id = uuid.UUID(taken.request["run_id"])
    found = pasts.of_run(services.database, taken.org_id, run_id)
    about = About(org, found.employee, str(run_id), found.correlation_id)
    with closing(_looks(services, taken, about)) as looks:
        callees = calls.callees(services.database, org)
        made = plans.make(found.definition, found.given, looks=looks, past=found.past, callees=callees)
        return plans.to_json(made)


def _of_drift(services: Services, org: str, taken: Taken) -> Mapping[str, Any]:
    told = functools.partial(store.note_progress, services.database, taken)
    return drifting.of_connections(services, org, list(taken.request["names"]), told=told)


def _looks(services: Services, taken: Taken, about: About) -> Looks:
    return Looks(services, about, on_node=functools.partial(store.note_progress, services.database, taken))


Answer = Callable[[Services, str, Taken], Mapping[str, Any]]
ANSWERS: Mapping[InquiryKind, Answer] = {
    InquiryKind.CONNECTION: _of_connection,
    InquiryKind.WORKFLOW: _of_workflow,
    InquiryKind.RUN: _of_run,
    InquiryKind.DRIFT: _of_drift,
}
