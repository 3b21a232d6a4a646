"""`officeflow source`: systems that deliver lifecycle events by webhooks."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from officeflow.cli.common import (
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
from officeflow.cli.reading import ask_hidden, read_bytes, read_line, read_text
from officeflow.clock import SystemClock
from officeflow.errors import InvalidInput
from officeflow.events.webhooks.definition import LARGEST_BODY
from officeflow.gateway import administration
from officeflow.gateway.presets import all_presets
from officeflow.program import typed
from officeflow.settings import load_settings

MOST_DEFINITION = 256 * 1024


@click.group()
def source() -> None:
    """Systems that deliver lifecycle events by webhooks."""


@source.command(name="presets")
@as_json
def presets_(*, json_output: bool) -> None:
    """Show the systems that there are presets for."""
    rows = [
        {"preset": each.name, "title": each.title, "about": each.about} for each in all_presets().values()
    ]
    show_rows(rows, json_output=json_output, nothing="")


@source.command()
@click.argument("org")
@click.argument("slug", metavar="NAME")
@click.option("--preset", "preset_name", help="What the system is; `source presets` lists them.")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, allow_dash=True),
    help="A definition of your own (JSON), instead of a preset; `source show` prints one.",
)
@click.option("--secret", "asks", is_flag=True, help="Ask for the secret, which the system has made.")
@click.option("--secret-stdin", is_flag=True, help="Read it from standard input.")
@acting
@as_json
def create(
    org: str,
    slug: str,
    preset_name: str | None,
    path: Path | None,
    login: str | None,
    *,
    asks: bool,
    secret_stdin: bool,
    json_output: bool,
) -> None:
    """Make the source NAME of an organization. A secret that is made for it is shown this once."""
    document = _document(path) if path else None
    secret = _given(asks=asks, secret_stdin=secret_stdin)
    with database() as db:
        made = administration.create(
            db, org, slug, preset_name=preset_name, document=document, secret=secret, by=actor(login)
        )
    _show_made(org, made, json_output=json_output)


@source.command(name="list")
@click.argument("org")
@as_json
def list_(org: str, *, json_output: bool) -> None:
    """Show an organization's sources."""
    with database() as db:
        found = administration.every(db, org)
    rows = [_shown(org, each) for each in found]
    for row in rows:
        row.pop("definition")
    show_rows(rows, json_output=json_output, nothing=f"no sources; `{typed('source create')}` makes one")


@source.command()
@click.argument("org")
@click.argument("slug", metavar="NAME")
@click.option("--definition", is_flag=True, help="Print its definition alone, to be changed.")
@as_json
def show(org: str, slug: str, *, definition: bool, json_output: bool) -> None:
    """Show one source, without its secrets."""
    with database() as db:
        found = administration.find(db, org, slug)
    if definition:
        show_json(found.definition)
    else:
        show_one(_shown(org, found), json_output=json_output)


@source.command()
@click.argument("org")
@click.argument("slug", metavar="NAME")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@with_reason
@acting
def change(org: str, slug: str, path: Path, why: str, login: str | None) -> None:
    """Give the source the definition in FILE (JSON). Its secrets stay."""
    with database() as db:
        changed = administration.change(db, org, slug, _document(path), why=why, by=actor(login))
    tell(f"the source {slug} is at version {changed.version}; gateways have it within a second")


@source.command()
@click.argument("org")
@click.argument("slug", metavar="NAME")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--type", "content_type", default="", help="The delivery's Content-Type.")
@click.option("--header", "headers", multiple=True, metavar="NAME:VALUE", help="Another header of it.")
@as_json
def test(
    org: str, slug: str, path: Path, content_type: str, headers: tuple[str, ...], *, json_output: bool
) -> None:
    """Show the event that would come of the delivery in FILE, and every field that was not used. Nothing is
    sent.

    Exit status 1 where something of it would go into quarantine.
    """
    raw = read_bytes(path, most=LARGEST_BODY, what="a delivery")
    sent = {**({"content-type": content_type} if content_type else {}), **dict(map(_header, headers))}
    with database() as db:
        told = administration.test(db, org, slug, raw, sent)
    if json_output:
        show_json(told)
    else:
        _tell_preview(told)
    if told["problems"]:
        raise SystemExit(1)


@source.command()
@click.argument("org")
@click.argument("slug", metavar="NAME")
@click.option("--overlap-hours", default=24.0, show_default=True, type=click.FloatRange(0, 24 * 90))
@click.option("--secret", "asks", is_flag=True, help="Ask for the new secret, which the system has made.")
@click.option("--secret-stdin", is_flag=True, help="Read it from standard input.")
@with_reason
@acting
@as_json
def rotate(
    org: str,
    slug: str,
    overlap_hours: float,
    why: str,
    login: str | None,
    *,
    asks: bool,
    secret_stdin: bool,
    json_output: bool,
) -> None:
    """Give the source a new secret; the one before holds meanwhile."""
    secret = _given(asks=asks, secret_stdin=secret_stdin)
    overlap = dt.timedelta(hours=overlap_hours)
    with database() as db:
        made = administration.rotate(
            db, SystemClock(), org, slug, secret=secret, overlap=overlap, why=why, by=actor(login)
        )
    _show_made(org, made, json_output=json_output)


@source.command()
@click.argument("org")
@click.argument("slug", metavar="NAME")
@with_reason
@acting
def delete(org: str, slug: str, why: str, login: str | None) -> None:
    """Take no more deliveries of the source."""
    with database() as db:
        administration.delete(db, org, slug, why=why, by=actor(login))
    tell(f"the source {slug} is deleted; gateways refuse its deliveries within a second")


@click.group()
def gateway() -> None:
    """The process that takes deliveries of webhooks."""


@gateway.command()
def serve() -> int:
    """Take deliveries until it is stopped."""
    from officeflow.gateway.serve import main

    return main()


def _given(*, asks: bool, secret_stdin: bool) -> str | None:
    if secret_stdin:
        return read_line(what="a secret")
    return ask_hidden("Secret") if asks else None


def _document(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(read_text(path, most=MOST_DEFINITION, what="a definition"))
    except ValueError as error:
        raise InvalidInput(f"{path} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise InvalidInput(
            f"{path} holds no object", hint=f"`{typed('source show --definition')}` prints one"
        )
    return found


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise InvalidInput(f"{text!r} is no header", hint="write NAME:VALUE")
    return name.strip().lower(), value.strip()


def _url(org: str, slug: str) -> str:
    settings = load_settings()
    base = settings.gateway_url or f"http://{settings.gateway_host}:{settings.gateway_port}"
    return administration.address(base, org, slug)


def _shown(org: str, found: Any) -> dict[str, Any]:
    shown = administration.to_json(found, SystemClock())
    return {"slug": shown.pop("slug"), "url": _url(org, found.slug), **shown}


def _show_made(org: str, made: administration.Made, *, json_output: bool) -> None:
    shown: dict[str, Any] = {"url": _url(org, made.source.slug), "version": made.source.version}
    if made.secret is not None:
        shown["secret"] = made.secret
    show_one(shown, json_output=json_output)
    if made.secret is not None and not json_output:
        tell("The secret is shown this once: give it to the system that delivers.")


def _tell_preview(told: Mapping[str, Any]) -> None:
    for event in told["events"]:
        show_one(event, json_output=False)
        echo()
    for problem in told["problems"]:
        what_to_do = f" ({problem['suggestion']})" if problem["suggestion"] else ""
        tell(f"✗ {problem['path']}: {problem['reason']}{what_to_do}", hang="  ")
    if told["ignored"]:
        tell(f"{told['ignored']} of it does not concern us, by the source's rules")
    if told["unused"]:
        tell(f"not used: {', '.join(told['unused'])}", hang="  ")
