"""`officeflow workflow plan`, `officeflow run plan`, `officeflow connection test`: what systems say before
anything is done there.
"""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from officeflow import columns, terminal
from officeflow.cli.common import as_json, database, echo, show_json, show_rows, tell
from officeflow.cli.identity import principal
from officeflow.cli.reading import read_bytes
from officeflow.clock import SystemClock
from officeflow.errors import InvalidInput
from officeflow.events.envelope import MAX_EVENT_BYTES
from officeflow.rights.permissions import Permission
from officeflow.settings import load_settings
from officeflow.tenants import organizations
from officeflow.workflows import store, validation
from officeflow.workflows.models import Definition

if TYPE_CHECKING:
    from officeflow.database.engine import Database
    from officeflow.runner.inquiring.asking import Inquiries
    from officeflow.runner.inquiring.questions import ForWorkflow
    from officeflow.runner.planning.given import Given

STARTS = {True: "it starts", False: "it does not start", None: "if it ran"}
INCOMPLETE = 3
"""Exit status of `connection test` where the system lets us in, and something is missing."""

in_org = click.option(
    "--org", "org_slug", required=True, envvar="OFFICEFLOW_ORG", help="The organization, by slug or UUID."
)
offline = click.option(
    "--offline", is_flag=True, help="Do not look into the systems: only what is known without them."
)


@click.command(name="plan")
@click.argument("slug_or_file", metavar="SLUG|FILE")
@in_org
@click.option("--version", type=click.IntRange(1), help="Which version; the newest where it is left out.")
@click.option(
    "--event",
    "path",
    type=click.Path(path_type=Path, allow_dash=True),
    help="For this event: a file as `event send` takes it, - for standard input.",
)
@click.option("--employee", help="Or for this person, by the HR system's identifier.")
@offline
@as_json
def plan_workflow(
    slug_or_file: str,
    *,
    org_slug: str,
    version: int | None,
    path: Path | None,
    employee: str | None,
    offline: bool,
    json_output: bool,
) -> None:
    """Show what a run would do for an event or a person, and do none of it.

    A task of Airflow's looks into the systems, and changes nothing there.
    """
    from officeflow.runner.inquiring import questions

    if (path is None) is (employee is None):
        raise InvalidInput("say for what", hint="give --event or --employee")
    body = None if path is None else read_bytes(path, most=MAX_EVENT_BYTES, what="an event")
    with database() as db:
        with organizations.entered(db, org_slug) as (session, org_id):
            definition = definition_in(slug_or_file)
            is_published = definition is None
            if definition is None:
                row = store.version(session, store.find(session, org_id, slug_or_file), version)
                definition = Definition.model_validate(row.definition)
        given = _given(db, org_id, body, employee)
        wanted = questions.ForWorkflow(
            definition=definition,
            given=given,
            event=None if body is None else json.loads(body),
            employee=employee,
            is_published=is_published,
        )
        made = _made(db, org_id, wanted, offline=offline, json_output=json_output)
    _show(made, json_output=json_output)


def _given(db: Database, org_id: uuid.UUID, body: bytes | None, employee: str | None) -> Given:
    from officeflow.runner.planning import given as planning

    who = principal()
    if body is None:
        who.require(Permission.EMPLOYEE_READ, org_id)
        return planning.of_person(db, org_id, employee or "")
    knows = who.may(Permission.EMPLOYEE_READ, org_id)
    return planning.of_event(db, SystemClock(), load_settings(), org_id, body, knows_person=knows)


def _made(
    db: Database, org_id: uuid.UUID, wanted: ForWorkflow, *, offline: bool, json_output: bool
) -> Mapping[str, Any]:
    from officeflow.runner.inquiring import questions
    from officeflow.runner.planning import calls
    from officeflow.runner.planning import plan as plans

    if offline:
        callees = calls.callees(db, str(org_id))
        return plans.to_json(plans.make(wanted.definition, wanted.given, callees=callees))
    question = questions.of_workflow(wanted, org_id, by=principal())
    org = str(wanted.given.values["org"]["slug"])
    with inquiries(db, quiet=json_output) as asking:
        return asking.ask(org_id, org, question)


@click.command(name="plan")
@click.argument("run", metavar="RUN")
@offline
@as_json
def plan_run(run: str, *, offline: bool, json_output: bool) -> None:
    """Show what is still to come of RUN, and do none of it.

    RUN is its UUID, DAG/RUN, the beginning of either id, or a DAG: its newest run.
    """
    from officeflow.runner.inquiring import questions
    from officeflow.runner.planning import calls
    from officeflow.runner.planning import past as pasts
    from officeflow.runner.planning import plan as plans
    from officeflow.runs import store as runs

    made: Mapping[str, Any]
    with database() as db:
        with db.service() as session:
            found = runs.find_newest(session, run)
            org_id, run_id = found.org_id, found.run_id
        of_run = pasts.of_run(db, org_id, run_id)
        if offline:
            callees = calls.callees(db, str(org_id))
            planned = plans.make(of_run.definition, of_run.given, past=of_run.past, callees=callees)
            made = plans.to_json(planned)
        else:
            question = questions.of_run(run_id, employee=of_run.employee, by=principal())
            with inquiries(db, quiet=json_output) as asking:
                made = asking.ask(org_id, str(of_run.given.values["org"]["slug"]), question)
    _show(made, json_output=json_output)


@click.command(name="test")
@click.argument("org")
@click.argument("name")
@as_json
def test_connection(org: str, name: str, *, json_output: bool) -> None:
    """Show who we are at the system of the connection NAME of ORG, and what its credentials may do there.

    A task of Airflow's asks, with the secrets that are kept, and changes nothing. Exit status: 0 it let us in
    and nothing is known to be missing; 3 something is missing for a node type; 1 it did not answer, or did
    not let us in.
    """
    from officeflow.runner.inquiring import questions, standings
    from officeflow.tenants.connections import Connections

    with database() as db:
        with organizations.entered(db, org) as (session, org_id):
            slug = organizations.find(session, org).slug
        with inquiries(db, quiet=json_output) as asking:
            Connections(db, asking.airflow, of_platform=True).find(slug, name)
            question = questions.of_connection(name, org=slug, by=principal())
            found = standings.report(asking.ask(org_id, slug, question))
    if json_output:
        show_json(found)
    else:
        _show_standing(found)
    if not found["complete"]:
        click.get_current_context().exit(INCOMPLETE if found["ok"] else 1)


@contextmanager
def inquiries(db: Database, *, quiet: bool, seconds: float | None = None) -> Iterator[Inquiries]:
    """To ask by; unless `quiet`, what goes on is told beside the output. An answer is waited for so many
    seconds.
    """
    from officeflow.airflow_api.client import AirflowApi
    from officeflow.runner.inquiring.asking import SECONDS, Inquiries

    told: Callable[[str], None] = (lambda _: None) if quiet else _on_stderr
    with AirflowApi.from_settings(load_settings()) as api:
        yield Inquiries(db, api, told=told, seconds=SECONDS if seconds is None else seconds)


def _on_stderr(text: str) -> None:
    tell(text, err=True)


def definition_in(path: str) -> Definition | None:
    """The definition in a file (anything with a dot or a slash, or `-`), or None for a slug."""
    if path != "-" and "." not in path and "/" not in path:
        return None
    content = read_bytes(path, most=validation.MAX_TEXT, what="a workflow definition")
    return validation.parse(validation.from_text(content))


def _show(made: Mapping[str, Any], *, json_output: bool) -> None:
    if json_output:
        show_json(made)
        return
    tell(f"{STARTS[made['starts']]}: {made['why']}")
    nodes: Sequence[Mapping[str, Any]] = made["nodes"]
    if made["looked"]:
        for node in nodes:
            echo("\n".join(_acts_of(node)))
    else:
        columns_of = ("type", "verdict", "why", "params")
        rows = [{"node": name} | {each: node[each] for each in columns_of} for name, node in _every(nodes)]
        show_rows(rows, json_output=False, nothing="it has no nodes")
        for name, node in _every(nodes):
            if node["note"]:
                tell(f"{name}: {node['note']}")
    for name, node in _every(nodes):
        for problem in () if node["in_rounds"] else node["problems"]:
            told = f"{problem['path']}: {problem['reason']}" if problem["path"] else problem["reason"]
            tell(f"{name}: {told}")
    tell("A plan cannot know " + "; ".join(made["cannot_know"]) + ".")


def _every(nodes: Sequence[Mapping[str, Any]], within: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each node by its name in the plan: `add[0]` in the first round of its loop, `equip.order` in the
    workflow that the node `equip` calls.
    """
    for node in nodes:
        name = f"{within}{node['key']}" + ("" if node["round"] is None else f"[{node['round']}]")
        yield name, node
        yield from _every(node["in_rounds"], within)
        yield from _every(node["called"], f"{name}.")


def _acts_of(node: Mapping[str, Any]) -> Iterator[str]:
    """What a node would do, over as many lines as there is to say."""
    yield terminal.line(f"{node['key']} ({node['type']}) {node['verdict']}: {node['why']}")
    if not node["in_rounds"]:
        yield from _what_it_does(node)
        return
    for each in node["in_rounds"]:
        head = f"{each['round'] + 1} of {each['rounds']}, {_value(each['item'])}"
        yield terminal.line(f"  {head}: {each['verdict']}: {each['why']}")
        yield from (f"  {line}" for line in _what_it_does(each))
    yield from _note_of(node)


def _what_it_does(node: Mapping[str, Any]) -> Iterator[str]:
    for act in node["acts"] or ():
        said = f" ({act['note']})" if act["note"] else ""
        yield terminal.line(f"  {act['doing']}  {act['what']}{said}")
        for field in act["fields"]:
            yield terminal.line(f"    {field['field']}: {_value(field['before'])} → {_value(field['after'])}")
    yield from _note_of(node)
    for each in node["called"]:
        yield from (f"    {line}" for line in _acts_of(each))


def _note_of(node: Mapping[str, Any]) -> Iterator[str]:
    if node["note"]:
        yield terminal.line(f"  ({node['note']})")


def _value(value: Any) -> str:
    if value is None:
        return columns.NOTHING
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _show_standing(found: Mapping[str, Any]) -> None:
    for each in found["services"]:
        if each["error"]:
            tell(f"{found['id']} ({each['family']}): {each['error']['message']}", hang="  ")
            continue
        tell(f"{found['id']}: {found['title']} at {each['address']} ({each['family']}): {each['who']}")
        for note in each["notes"]:
            tell(f"note: {note}", hang="  ")
    if not found["ok"]:
        return
    rows = [
        {
            "it_may": each["capability"],
            "": each["state"],
            "missing": each["missing"],
            "node_types": ", ".join(each["node_types"]),
        }
        for each in found["capabilities"]
    ]
    show_rows(rows, json_output=False, nothing="the system says nothing of what we may do")
    without = [each for each in found["node_types"] if each["state"] in {"no", "cannot"}]
    for each in without:
        tell(f"{each['type']} does not work: {each['missing']}", hang="  ")
    if any(each["state"] == "not told" for each in found["capabilities"]):
        tell('"not told": the system does not say before it is tried.')
    sys.stdout.flush()
