"""`officeflow person`: a person's data, all at once."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from officeflow.cli.common import (
    WAITS_FOR_SECOND,
    acting,
    actor,
    as_json,
    database,
    echo,
    show_json,
    show_one,
    show_rows,
    tell,
    with_reason,
)
from officeflow.cli.reading import written
from officeflow.database.engine import Database
from officeflow.errors import InvalidInput
from officeflow.privacy import erasing, export, holds, page, report
from officeflow.program import typed
from officeflow.statuses import ErasureState

LOOK_SECONDS = 0.5


@click.group()
def person() -> None:
    """A person's data: what is known of somebody, and the end of it.

    EXTERNAL_ID is the HR system's identifier of the person.
    """


@person.command(name="export")
@click.argument("org")
@click.argument("external_id")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for person.json and person.html; without it the JSON is printed.",
)
@acting
def export_(org: str, external_id: str, out: Path | None, login: str | None) -> None:
    """Give out everything that is known of a person, sensitive fields too; the audit log notes it."""
    with database() as db:
        found = export.export(db, org, external_id, by=actor(login))
    if out is None:
        show_json(found.document)
        return
    with written(out):
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(out / "person.json", json.dumps(found.document, indent=2, ensure_ascii=False))
        _write(out / "person.html", page.html(found))
    tell(
        f"{sum(map(len, found.sections.values()))} entries in {out / 'person.json'} and person.html beside it"
    )


@person.command()
@click.argument("org")
@click.argument("external_id")
@click.option("--why", help="The reason, for the audit log.")
@click.option("--confirm", is_flag=True, help="Agree to what another admin has asked for.")
@click.option("--withdraw", is_flag=True, help="Take back what waits for a second admin; it needs --why too.")
@click.option(
    "--wait", default=60.0, show_default=True, help="Seconds to wait for what the steward does at Airflow."
)
@acting
@as_json
def erase(
    org: str,
    external_id: str,
    why: str | None,
    wait: float,
    login: str | None,
    *,
    confirm: bool,
    withdraw: bool,
    json_output: bool,
) -> None:
    """Erase a person: destroy the key, empty what is theirs, and report what remains.

    Refused while a legal hold stands or a run of the person has not ended. Where the organization wants two
    people for it (`org privacy`), it waits (status 3) until another admin says --confirm.
    """
    if confirm and withdraw:
        raise click.UsageError("--confirm or --withdraw")
    if not confirm and not why:
        raise InvalidInput("it needs its reason", hint="give --why")
    with database() as db:
        if confirm:
            erasing.confirm(db, org, external_id, by=actor(login))
        elif withdraw:
            erasing.withdraw(db, org, external_id, why=why or "", by=actor(login))
        else:
            erasing.erase(db, org, external_id, why=why or "", by=actor(login))
        found = _waited(db, org, external_id, wait)
    _show(found, org, json_output=json_output)
    if found.state == ErasureState.WAITING:
        if not json_output:
            command = f"{typed('person erase')} {org} {external_id}"
            tell(
                f"nothing is erased until another admin says `{command} --confirm --as LOGIN`;"
                f" `{command} --withdraw --why …` takes it back"
            )
        click.get_current_context().exit(WAITS_FOR_SECOND)


@person.command(name="report")
@click.argument("org")
@click.argument("external_id")
@as_json
def report_(org: str, external_id: str, *, json_output: bool) -> None:
    """Show what the erasure of a person did, and what remains until when."""
    with database() as db:
        _show(erasing.newest(db, org, external_id), org, json_output=json_output)


@person.command()
@click.argument("org")
@as_json
def erasures(org: str, *, json_output: bool) -> None:
    """Show whom the organization has erased, or has asked to."""
    with database() as db:
        rows = [report.to_line(each) for each in erasing.every(db, org)]
    show_rows(rows, json_output=json_output, nothing="nobody was erased")


@person.command()
@click.argument("org")
@click.argument("external_id")
@with_reason
@acting
@as_json
def hold(org: str, external_id: str, why: str, login: str | None, *, json_output: bool) -> None:
    """Keep a person's data: it is neither erased nor pruned until it is released."""
    with database() as db:
        placed = holds.hold(db, org, external_id, why=why, by=actor(login))
    show_one(holds.to_json(placed), json_output=json_output)


@person.command()
@click.argument("org")
@click.argument("external_id")
@with_reason
@acting
def release(org: str, external_id: str, why: str, login: str | None) -> None:
    """End a legal hold."""
    with database() as db:
        holds.release(db, org, external_id, why=why, by=actor(login))
    tell(f"{external_id} is not held any more")


@person.command(name="holds")
@click.argument("org")
@as_json
def holds_(org: str, *, json_output: bool) -> None:
    """Show whose data is held."""
    with database() as db:
        rows = [holds.to_json(each) for each in holds.every(db, org)]
    show_rows(rows, json_output=json_output, nothing="nobody is held")


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _waited(db: Database, org: str, external_id: str, seconds: float) -> Any:
    until = time.monotonic() + seconds
    while True:
        found = erasing.newest(db, org, external_id)
        if found.state != ErasureState.ERASED or time.monotonic() >= until:
            return found
        time.sleep(LOOK_SECONDS)


def _show(erasure: Any, org: str, *, json_output: bool) -> None:
    if json_output:
        show_json(report.to_json(erasure))
        return
    echo(report.as_text(erasure))
    if erasure.state == ErasureState.ERASED:
        tell(
            "the steward is still at it at Airflow;"
            f" `{typed('person report')} {org} {erasure.external_id}` shows the report when it is done"
        )
