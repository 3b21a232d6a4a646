"""`officeflow workflow`."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click

from officeflow.airflow_api.client import AirflowApi
from officeflow.cli import planning, protecting
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
)
from officeflow.cli.reading import read_bytes
from officeflow.counts import counted
from officeflow.errors import InvalidDefinition, InvalidInput, Problem
from officeflow.program import typed
from officeflow.settings import load_settings
from officeflow.tenants import organizations
from officeflow.workflows import batch, graph, render, shown, store, validation
from officeflow.workflows.committing import Asked
from officeflow.workflows.models import Definition, schema_text
from officeflow.workflows.publish import Published, Publisher

in_org = click.option(
    "--org", "org_slug", required=True, envvar="OFFICEFLOW_ORG", help="The organization, by slug or UUID."
)
files_argument = click.argument("files", nargs=-1, required=True, metavar="FILE...")


@click.group()
def workflow() -> None:
    """Workflow definitions: check, publish, look at them."""


@workflow.command()
@files_argument
@click.option(
    "--org",
    "org_slug",
    envvar="OFFICEFLOW_ORG",
    help="Check connections and shown fields too, against this organization's.",
)
@as_json
def validate(files: Sequence[str], org_slug: str | None, *, json_output: bool) -> None:
    """Show everything that is wrong with definitions (`-` reads standard input)."""
    written, unread = _written(files)
    problems = _in_order(files, [*unread, *_problems(written, org_slug)])
    notes = batch.review(written).notes() if not problems else []
    if json_output:
        _show_problems(problems, notes)
    else:
        for file in files:
            found = [problem for problem in problems if problem.file == file]
            tell(
                "\n".join(
                    [
                        f"{file}: {_count(found) if found else 'valid'}",
                        *(f"  {dataclasses.replace(p, file='')}" for p in found),
                        *(f"  note: {dataclasses.replace(n, file='')}" for n in notes if n.file == file),
                    ]
                )
            )
    if problems:
        sys.exit(2)


@workflow.command()
@files_argument
@in_org
@click.option("--no-wait", is_flag=True, help="Do not wait until Airflow runs the new version.")
@click.option("--why", default="", help="For the second admin, where a workflow is protected.")
@acting
@as_json
def publish(
    files: Sequence[str], org_slug: str, no_wait: bool, why: str, login: str | None, *, json_output: bool
) -> None:
    """Publish definitions: all of them, or none where one is not valid.

    Publishing the same again changes nothing. Where one is protected, all wait for a second admin (status 3).
    """
    written, unread = _written(files)
    progress = _quiet if json_output or len(files) == 1 else _on_stderr
    with _publisher() as publisher:
        progress(f"checking {counted(len(files), 'definition')}")
        try:
            if unread:
                batch.refuse(_in_order(files, [*unread, *publisher.problems(org_slug, written)]), len(files))
            checked = publisher.checked(org_slug, written)
        except InvalidDefinition as error:
            if json_output:
                _show_problems(error.problems)
            raise
        by = actor(login)
        committed = publisher.commit(checked, by=by, asked=Asked(by, why))
        is_waiting = any(each.release for each in committed)
        progress(_committed_text(len(files), is_waiting=is_waiting, wait=not no_wait))
        results = []
        try:
            for number, each in enumerate(committed, 1):
                results.append(publisher.followed(each, wait=not no_wait))
                if not json_output:
                    place = f"[{number}/{len(committed)}] {each.file}  " if len(committed) > 1 else ""
                    echo(f"{place}{results[-1].slug}: {results[-1].message}")
                    _tell_notes(written[each.file], each.file)
        except KeyboardInterrupt:
            tell(
                f"what was given is published; Airflow takes it up by itself, `{typed('workflow list')}`"
                " shows it",
                err=True,
            )
            raise
    if json_output:
        show_json(
            [
                {**_published(result), "file": each.file}
                for each, result in zip(committed, results, strict=True)
            ]
        )
    if is_waiting:
        sys.exit(WAITS_FOR_SECOND)
    if not no_wait and not all(result.ready for result in results):
        sys.exit(1)


@workflow.command(name="list")
@in_org
@as_json
def list_(org_slug: str, *, json_output: bool) -> None:
    """Show the organization's workflows."""
    with database() as db, organizations.entered(db, org_slug) as (session, org_id):
        rows = [shown.workflow_to_json(each) for each in store.every(session, org_id)]
    show_rows(
        rows, json_output=json_output, nothing=f"no workflows; `{typed('workflow publish')}` makes them"
    )


@workflow.command()
@click.argument("slug")
@in_org
@click.option("--version", type=click.IntRange(1), help="Which version; the newest where it is left out.")
@as_json
def show(slug: str, org_slug: str, version: int | None, *, json_output: bool) -> None:
    """Show a workflow: its definition as JSON, or in words."""
    with database() as db, organizations.entered(db, org_slug) as (session, org_id):
        found = store.find(session, org_id, slug)
        row = store.version(session, found, version)
    if json_output:
        show_json(row.definition)
        return
    values = {"slug": found.slug, "version": row.version, "newest": found.version, "active": found.is_active}
    show_one(
        {**values, "published": row.published_at, "by": row.published_by, "sha256": row.content_hash},
        json_output=False,
    )
    definition = Definition.model_validate(row.definition)
    echo("\n" + render.as_text(definition, graph.build(definition)), nl=False)


@workflow.command()
@click.argument("slug")
@in_org
@as_json
def versions(slug: str, org_slug: str, *, json_output: bool) -> None:
    """Show a workflow's versions, the newest first."""
    with database() as db, organizations.entered(db, org_slug) as (session, org_id):
        found = store.versions(session, store.find(session, org_id, slug).workflow_id)
    rows = [shown.version_to_json(each) for each in found]
    show_rows(rows, json_output=json_output, nothing="no versions")


@workflow.command(name="diff")
@click.argument("slug_or_file", metavar="SLUG|FILE")
@in_org
@click.argument("before", required=False, type=click.IntRange(1), metavar="FROM")
@click.argument("after", required=False, type=click.IntRange(1), metavar="TO")
@as_json
def diff_(
    slug_or_file: str, org_slug: str, before: int | None, after: int | None, *, json_output: bool
) -> None:
    """Show what differs between versions FROM and TO of a workflow (SLUG), or between version FROM and a
    definition (FILE).

    By default the newest version and the one before it; with a file, the newest version and the file.
    """
    file = planning.definition_in(slug_or_file)
    with database() as db, organizations.entered(db, org_slug) as (session, org_id):
        slug = slug_or_file if file is None else file.slug
        found = shown.changes(session, org_id, slug, before=before, after=after, written=file)
    rows = [shown.change_to_json(each) for each in found]
    show_rows(rows, json_output=json_output, nothing="no difference")


@workflow.command()
@click.argument("slug")
@in_org
@acting
@as_json
def deactivate(slug: str, org_slug: str, login: str | None, *, json_output: bool) -> None:
    """Let no event start a workflow any more.

    Runs that have begun go on; publishing it activates it again.
    """
    with _publisher() as publisher:
        changed = publisher.deactivate(org_slug, slug, by=actor(login))
    if json_output:
        show_json({"slug": slug, "changed": changed})
    else:
        echo(f"{slug}: {'deactivated' if changed else 'is inactive already'}")


@workflow.command(name="render")
@click.argument("slug_or_file", metavar="SLUG|FILE")
@click.option(
    "--org", "org_slug", envvar="OFFICEFLOW_ORG", help="The organization, by slug or UUID; a file needs none."
)
@click.option("--version", type=click.IntRange(1), help="Which version; the newest where it is left out.")
@click.option("--format", "form", type=click.Choice(list(render.FORMATS)), default="text", show_default=True)
def render_(slug_or_file: str, org_slug: str | None, version: int | None, form: str) -> None:
    """Print a workflow's graph."""
    definition = planning.definition_in(slug_or_file)
    if definition is None:
        if org_slug is None:
            raise InvalidInput("a workflow's slug needs --org", hint="or give a file")
        with database() as db, organizations.entered(db, org_slug) as (session, org_id):
            row = store.version(session, store.find(session, org_id, slug_or_file), version)
        definition = Definition.model_validate(row.definition)
    echo(render.FORMATS[form](definition, graph.build(definition)), nl=False)


@workflow.command()
def schema() -> None:
    """Print the JSON Schema of workflow definitions, for editors."""
    echo(schema_text(), nl=False)


def _read(path: str) -> bytes:
    return read_bytes(path, most=validation.MAX_TEXT, what="a workflow definition")


def _written(files: Sequence[str]) -> tuple[dict[str, Any], list[batch.FileProblem]]:
    """What the files hold, and of those that cannot be read, why.

    A single file that is not there is the command's own error.
    """
    if twice := sorted({file for file in files if files.count(file) > 1}):
        raise InvalidInput(f"{twice[0]} is given twice", hint="give each file once")
    written: dict[str, Any] = {}
    unread: list[batch.FileProblem] = []
    for file in files:
        try:
            content = _read(file)
        except InvalidInput as error:
            if len(files) == 1:
                raise
            unread.append(batch.FileProblem("", error.message, error.hint, file))
            continue
        try:
            written[file] = validation.from_text(content)
        except InvalidInput as error:
            unread.append(batch.FileProblem("", error.message, error.hint, file))
    return written, unread


def _in_order(files: Sequence[str], problems: Sequence[batch.FileProblem]) -> list[batch.FileProblem]:
    return sorted(problems, key=lambda problem: files.index(problem.file))


def _problems(written: Mapping[str, Any], org_slug: str | None) -> Sequence[batch.FileProblem]:
    if org_slug is None:
        return batch.review(written).listed()
    with _publisher() as publisher:
        return publisher.problems(org_slug, written)


def _show_problems(problems: Sequence[Problem], notes: Sequence[Problem] = ()) -> None:
    show_json({"valid": not problems, "problems": _rows(problems), "notes": _rows(notes)})


def _rows(problems: Sequence[Problem]) -> list[dict[str, str]]:
    return [
        {"file": getattr(p, "file", ""), "path": p.path, "reason": p.reason, "suggestion": p.suggestion}
        for p in problems
    ]


def _committed_text(files: int, *, is_waiting: bool, wait: bool) -> str:
    if is_waiting:
        return f"all {files} are valid and wait for a second admin"
    return f"all {files} are valid and published" + ("; waiting until Airflow runs them" if wait else "")


def _tell_notes(raw: Any, file: str) -> None:
    for note in batch.review({file: raw}).notes():
        tell(f"  note: {dataclasses.replace(note, file='')}")


def _on_stderr(text: str) -> None:
    echo(text, err=True)


def _quiet(text: str) -> None:
    del text


def _count(problems: Sequence[Problem]) -> str:
    return f"{counted(len(problems), 'problem')}"


for _command in (*protecting.COMMANDS, planning.plan_workflow):
    workflow.add_command(_command)


@contextmanager
def _publisher() -> Iterator[Publisher]:
    with database() as db, AirflowApi.from_settings(load_settings()) as api:
        yield Publisher(db, api)


def _published(result: Published) -> dict[str, Any]:
    return dataclasses.asdict(result)
