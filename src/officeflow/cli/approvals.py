"""`officeflow approval`: what runs ask people, and what these answer.

Who answers signs in with an Airflow login: it is theirs that counts, and that the audit log names.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any

import click

from officeflow.cli.common import Lines, as_json, database, show_json, show_one, show_rows, tell, with_reason
from officeflow.cli.identity import principal
from officeflow.cli.reading import read_text
from officeflow.cli.signing_in import airflow_of, signed_in
from officeflow.clock import SystemClock
from officeflow.errors import InvalidInput
from officeflow.people.desk import Desk
from officeflow.settings import load_settings
from officeflow.statuses import RequestKind

MOST_ANSWER_BYTES = 128 * 1024
WITHOUT_MAIL = "nobody is told by mail: OFFICEFLOW_MAIL_HOST is not set"

Command = Callable[..., None]
DATE = click.DateTime(["%Y-%m-%d"])


def of_org(command: Command) -> Command:
    """Adds `--org`; the command gets it as `org`."""
    return click.option(
        "--org",
        default="",
        envvar="OFFICEFLOW_ORG",
        help="The organization, where you are a user of several. [env: OFFICEFLOW_ORG]",
    )(command)


def at_desk(command: Command) -> Command:
    """Adds what signing in takes, and `--json`; the command gets the `desk` of who did, and `json_output`."""

    @wraps(command)
    def signed(*given: Any, login: str, password_stdin: bool, **options: Any) -> None:
        with _desk(login, password_stdin=password_stdin) as desk:
            command(*given, desk=desk, **options)

    return signed_in(as_json(signed))


@click.group()
def approval() -> None:
    """What runs ask people: approvals, forms and tasks.

    Who answers signs in: `--login` and the password are in the place of `--as`. What is asked is found in all
    organizations that they are a user of.
    """


@approval.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Also what others are asked, where you may see it.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
@at_desk
def list_(everything: bool, limit: int, *, desk: Desk, json_output: bool) -> None:
    """Show what you are asked, the oldest first."""
    rows = desk.every(everything=everything, most=limit)
    show_rows(rows, json_output=json_output, nothing="nobody asks you anything")
    if not json_output and not load_settings().mail_host:
        tell(WITHOUT_MAIL, err=True)


@approval.command()
@click.argument("request")
@at_desk
def show(request: str, *, desk: Desk, json_output: bool) -> None:
    """Show one request: what is asked, who may answer, what was answered."""
    found = desk.show(request)
    if json_output:
        show_json(found)
        return
    people = Lines(_person(each) for each in found["asked"])
    plain = {name: value for name, value in found.items() if value not in (None, "", [], {})}
    plain.pop("asked", None)
    body, form = plain.pop("body", ""), plain.pop("form", None)
    show_one({**plain, "asked": people}, json_output=False)
    if body:
        tell(f"\n{body}")
    if form:
        tell("\nfields:")
        show_rows(_fields(form), json_output=False, nothing="")
    if not load_settings().mail_host:
        tell(WITHOUT_MAIL, err=True)


@approval.command()
@click.argument("request")
@click.option("--why", default="", help="The reason.")
@at_desk
def approve(request: str, *, why: str, desk: Desk, json_output: bool) -> None:
    """Say yes to an approval."""
    _tell(desk.answer(request, [RequestKind.APPROVAL], reason=why), json_output=json_output)


@approval.command()
@click.argument("request")
@with_reason
@at_desk
def reject(request: str, *, why: str, desk: Desk, json_output: bool) -> None:
    """Say no; it needs a reason."""
    _tell(desk.answer(request, list(RequestKind), yes=False, reason=why), json_output=json_output)


@approval.command()
@click.argument("request")
@click.option(
    "--answers",
    required=True,
    metavar="FILE|JSON",
    help="What is filled in: a JSON object, or a file with one (- for standard input).",
)
@click.option("--why", default="", help="A note.")
@at_desk
def fill(request: str, *, answers: str, why: str, desk: Desk, json_output: bool) -> None:
    """Fill in a form."""
    values = _values(answers)
    _tell(desk.answer(request, [RequestKind.FORM], values=values, reason=why), json_output=json_output)


@approval.command()
@click.argument("request")
@click.option("--note", default="", help="What was done, for those who look at it later.")
@at_desk
def done(request: str, *, note: str, desk: Desk, json_output: bool) -> None:
    """Say that a task is done."""
    _tell(desk.answer(request, [RequestKind.TASK], reason=note), json_output=json_output)


@approval.command()
@click.argument("request")
@click.option("--to", required=True, metavar="EMAIL", help="Who is asked now.")
@click.option("--from", "taken_from", default="", metavar="EMAIL", help="Who is asked no more.")
@with_reason
@at_desk
def reassign(
    request: str,
    *,
    to: str,
    taken_from: str,
    why: str,
    desk: Desk,
    json_output: bool,
) -> None:
    """Ask somebody else, in somebody's place or beside the others."""
    show_one(desk.reassign(request, to=to, taken_from=taken_from, why=why), json_output=json_output)


@approval.command()
@of_org
@click.option("--to", required=True, metavar="EMAIL", help="Who answers instead.")
@click.option("--from-day", type=DATE, help="The first day, such as 2026-08-01; otherwise today.")
@click.option("--to-day", type=DATE, required=True, help="The last day.")
@click.option("--of", "giver", default="", metavar="EMAIL", help="Whose place it is; an admin may say so.")
@click.option("--why", default="", help="The reason, for the audit log.")
@at_desk
def delegate(
    org: str,
    *,
    to: str,
    from_day: dt.datetime | None,
    to_day: dt.datetime,
    giver: str,
    why: str,
    desk: Desk,
    json_output: bool,
) -> None:
    """Let somebody answer in your place, from one day to another."""
    made = desk.delegate(
        org,
        to=to,
        starts_on=from_day.date() if from_day else None,
        ends_on=to_day.date(),
        why=why,
        giver=giver,
    )
    show_one(made, json_output=json_output)


@approval.command()
@of_org
@at_desk
def delegations(org: str, *, desk: Desk, json_output: bool) -> None:
    """Show who stands in for whom."""
    rows = desk.delegations(org)
    show_rows(rows, json_output=json_output, nothing="nobody stands in for anybody")


@approval.command()
@click.argument("delegation")
@of_org
@at_desk
def undelegate(delegation: str, *, org: str, desk: Desk, json_output: bool) -> None:
    """Take a delegation back."""
    show_one(desk.end_delegation(org, delegation), json_output=json_output)


@contextmanager
def _desk(login: str, *, password_stdin: bool) -> Iterator[Desk]:
    """For a login that Airflow lets in. What Airflow calls it is what counts."""
    from officeflow.airflow_api.errors import AirflowForbids

    with database() as db, airflow_of(login, password_stdin=password_stdin) as api:

        def may_change(dag_id: str, run_id: str, task: str) -> bool:
            try:
                api.clear(dag_id, run_id, [task], dry_run=True)
            except AirflowForbids:
                return False
            return True

        yield Desk(db, SystemClock(), principal().login, may_change)


def _values(given: str) -> Mapping[str, Any]:
    text = (
        given
        if given.lstrip().startswith("{")
        else read_text(given, most=MOST_ANSWER_BYTES, what="an answer")
    )
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"--answers is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise InvalidInput("--answers is not a JSON object of fields")
    return values


def _tell(answered: Mapping[str, Any], *, json_output: bool) -> None:
    if json_output:
        show_json(dict(answered))
    elif answered["decided"]:
        tell(f"{answered['decision']}, by {answered['by']}: it is decided, and the run goes on")
    else:
        tell(f"answered by {answered['by']}; {answered['yes']} of {answered['needed']} have said yes")


def _person(each: Mapping[str, Any]) -> str:
    who = each["user"] or each["name"]
    instead = f" ({each['answers_now']} answers)" if each["answers_now"] not in {"", each["user"]} else ""
    if each["state"] == "ANSWERED":
        why = f": {each['reason']}" if each["reason"] else ""
        return f"{who}  {each['choice']} by {each['by']} at {each['at']} ({each['door']}){why}"
    mail = f"; no mail: {each['mail_problem']}" if each["mail_problem"] else ""
    return f"{who}{instead}  {each['state'].lower()}, {each['why']}{mail}"


def _fields(form: Mapping[str, Any]) -> list[dict[str, Any]]:
    required = form.get("required") or ()
    return [
        {
            "field": name,
            "type": schema.get("type"),
            "needed": name in required,
            "title": schema.get("title", ""),
        }
        for name, schema in (form.get("properties") or {}).items()
    ]
