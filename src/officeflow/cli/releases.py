"""`officeflow release`: what waits for a second person.

Who decides signs in with an Airflow login: it is their right that counts, and their name that is audited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from officeflow.cli.common import (
    WAITS_FOR_SECOND,
    acting,
    actor,
    as_json,
    database,
    show_json,
    show_one,
    show_rows,
    tell,
    with_reason,
)
from officeflow.cli.identity import principal
from officeflow.cli.signing_in import airflow_of, signed_in
from officeflow.counts import counted
from officeflow.database.pages import MOST, Wanted
from officeflow.errors import InvalidInput
from officeflow.program import typed
from officeflow.settings import load_settings
from officeflow.statuses import ReleaseKind, ReleaseState
from officeflow.tenants import organizations
from officeflow.workflows import limits, release_changes, release_store
from officeflow.workflows.releases import Releases

if TYPE_CHECKING:
    from officeflow.database.engine import Database
    from officeflow.workflows.publish import Publisher

Command = Callable[..., None]
in_org = click.option(
    "--org", "org_slug", required=True, envvar="OFFICEFLOW_ORG", help="The organization, by slug or UUID."
)


NONE = "none"
"""For an option: what it names is taken away."""


class OrNone(click.ParamType[Any]):
    """A value of another type, or `NONE`."""

    def __init__(self, of: click.ParamType[Any]) -> None:
        self.of, self.name = of, of.name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return NONE if value == NONE else self.of.convert(value, param, ctx)


@click.group()
def release() -> None:
    """What one admin wants and a second one releases: protected workflows, masses of events."""


@release.command(name="list")
@in_org
@click.option("--all", "everything", is_flag=True, help="Also what was decided.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, MOST))
@as_json
def list_(org_slug: str, limit: int, *, everything: bool, json_output: bool) -> None:
    """Show what waits, the newest first."""
    state = None if everything else ReleaseState.PENDING
    with database() as db, organizations.entered(db, org_slug) as (session, org_id):
        found = release_store.page(session, org_id, Wanted(limit), state=state)
        rows = [release_store.to_json(session, each) for each in found.rows]
    show_rows(
        rows if json_output else [_line(each) for each in rows],
        json_output=json_output,
        nothing="nothing waits for a second person",
    )


@release.command()
@click.argument("name", metavar="ID")
@in_org
@as_json
def show(name: str, org_slug: str, *, json_output: bool) -> None:
    """Show one, with what would be done."""
    with database() as db, organizations.entered(db, org_slug) as (session, org_id):
        found = release_store.find(session, org_id, name)
        changes = [each.to_json() for each in release_changes.of(session, found)]
        rules = release_changes.of_rules(session, found)
        if rules and not json_output:
            rules = {name: rules[name] for name in ("added", "changed", "removed")}
        wanted = found.wanted if json_output or not changes else {}
        told = {"wanted": wanted, "changes": changes, "access_rules": rules}
        shown = release_store.to_json(session, found) | told
    show_one(shown, json_output=json_output)
    if found.kind == ReleaseKind.PUBLISH and not json_output:
        tell(f"`{typed('release show')} {name} --org {org_slug} --json` has the definitions too")


@release.command(name="limits")
@in_org
@click.option("--kind", help="The kind of event to settle a limit of.")
@click.option(
    "--per-hour",
    type=OrNone(click.IntRange(1)),
    metavar="NUMBER|none",
    help="So many events within an hour need no release; `none`: any number.",
)
@click.option(
    "--share",
    type=OrNone(click.FloatRange(0, 1, min_open=True)),
    metavar="FRACTION|none",
    help="Nor events about this share of the people; `none`: about all of them.",
)
@click.option("--none", "no_limit", is_flag=True, help="No limit at all: neither of the two.")
@click.option("--why", help="The reason of a change, for the audit log.")
@acting
@as_json
def limits_(
    org_slug: str,
    *,
    kind: str | None,
    per_hour: int | str | None,
    share: float | str | None,
    no_limit: bool,
    why: str | None,
    login: str | None,
    json_output: bool,
) -> None:
    """Show or settle how many events of a kind may come before a second person has to release them.

    What is not named stays as it is. What lets more pass than before waits for a second person itself (status
    3).
    """
    given = {"per_hour": NONE, "share": NONE} if no_limit else {"per_hour": per_hour, "share": share}
    named = {name: None if value == NONE else value for name, value in given.items() if value is not None}
    with database() as db:
        with organizations.entered(db, org_slug) as (session, org_id):
            before = limits.current(session, org_id)
        if kind is None:
            rows = [{"kind": each, **limit.to_json()} for each, limit in before.items()]
            show_rows(rows, json_output=json_output, nothing="there are no kinds of events")
            return
        if not named or (no_limit and not (per_hour is None and share is None)):
            raise InvalidInput("say which limit", hint="--per-hour, --share, or --none alone")
        if not why:
            raise InvalidInput("a change needs its reason", hint="give --why")
        asked = limits.settle(db, org_id, {kind: named}, why=why, by=actor(login))
        with organizations.entered(db, org_slug) as (session, org_id):
            now = limits.current(session, org_id)[kind]
    shown = {"kind": kind, **now.to_json()}
    if asked is None:
        more = {"wanted": None, "release": None} if json_output else {}
        show_one({**shown, **more}, json_output=json_output)
        return
    wanted, name = asked.wanted["limits"][kind], str(asked.release_id)
    if json_output:
        show_json({**shown, "wanted": wanted, "release": name})
    else:
        tell(
            f"{kind}: {_limit(wanted)} lets more pass than before, so another admin has to release it\n"
            f"until then: {_limit(now.to_json())}\n"
            f"to release it: `{typed('release approve')} {name} --org {org_slug} --login LOGIN`"
        )
    click.get_current_context().exit(WAITS_FOR_SECOND)


def _limit(limit: Mapping[str, Any]) -> str:
    """In words."""
    parts = []
    if limit["per_hour"] is not None:
        parts.append(f"{counted(limit['per_hour'], 'event')} an hour")
    if limit["share"] is not None:
        parts.append(f"events about {limit['share'] * 100:g} % of the people")
    return " and ".join(parts) or "no limit"


def _deciding(name: str, doc: str, *, needs_reason: bool) -> click.Command:
    def body(
        named: str, *, org_slug: str, why: str, login: str, password_stdin: bool, json_output: bool
    ) -> None:
        with database() as db, airflow_of(login, password_stdin=password_stdin):
            with db.service() as session:
                org_id = organizations.find(session, org_slug).org_id
            decide: Callable[..., Mapping[str, Any]] = getattr(Releases(db, lambda: _publisher(db)), name)
            done = decide(org_id, named, principal(), why=why)
        if json_output:
            show_one(done, json_output=True)
            return
        tell(f"{done['subject']}: {done['state'].lower()} by {done['decided_by']}")

    body.__doc__ = doc
    reasoned = with_reason if needs_reason else click.option("--why", default="", help="The reason.")
    command = signed_in(as_json(in_org(reasoned(click.argument("named", metavar="ID")(body)))))
    return click.command(name=name)(command)


for each in (
    _deciding("approve", "Carry it out, as the second person.", needs_reason=False),
    _deciding(
        "refuse",
        "Do not do it; events that were held start nothing. Whoever asked takes it back so.",
        needs_reason=True,
    ),
    _deciding(
        "override",
        "Carry it out alone, in an emergency: the other admins are told.",
        needs_reason=True,
    ),
):
    release.add_command(each)


@contextmanager
def _publisher(db: Database) -> Iterator[Publisher]:
    from officeflow.airflow_api.client import AirflowApi
    from officeflow.workflows.publish import Publisher

    with AirflowApi.from_settings(load_settings()) as api:
        yield Publisher(db, api)


def _line(shown: Mapping[str, Any]) -> dict[str, Any]:
    about = shown["subject"]
    if shown["held"] is not None:
        about = f"{about}, {counted(shown['held'], 'event')} held"
    return {
        "id": shown["release_id"],
        "kind": shown["kind"],
        "state": shown["state"],
        "about": about,
        "by": shown["requested_by"],
        "at": shown["requested_at"],
        "why": shown["why"],
    }
