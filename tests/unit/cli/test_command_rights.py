"""Every command has its place in the table, and needs what the API's route needs that does the same."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from officeflow.api.matrix import Reach, doors
from officeflow.cli import needs
from officeflow.cli.command_rights import NEEDS
from officeflow.cli.main import main
from officeflow.cli.needs import Need

DOORS = {f"{door.method} {door.path}": door for door in doors()}

SAME = {
    needs.Reach.SIGNED_IN: Reach.SIGNED_IN,
    needs.Reach.ANYWHERE: Reach.ANYWHERE,
    needs.Reach.ORGANIZATION: Reach.ORGANIZATION,
    needs.Reach.PLATFORM: Reach.PLATFORM,
}


def commands(command: click.Command = main, *words: str) -> Iterator[tuple[str, click.Command]]:
    """Every command by the words that are typed."""
    if not isinstance(command, click.Group):
        yield " ".join(words), command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        yield from commands(below, *words, name)


COMMANDS = dict(commands())


def test_every_command_is_in_the_table_and_nothing_else() -> None:
    assert set(NEEDS) == set(COMMANDS)


@pytest.mark.parametrize(("name", "need"), NEEDS.items(), ids=str)
def test_a_command_has_the_parameters_that_its_need_names(name: str, need: Need) -> None:
    there = {each.name for each in COMMANDS[name].params}
    named = set(need.instead)
    if need.reach is needs.Reach.ORGANIZATION and need.thing is None and not name.startswith("approval"):
        named.add(need.org)
    if need.thing is not None:
        named.add(need.thing.parameter)
    if need.signs_in:
        named |= {"login", "password_stdin"}
    if need.reach is not needs.Reach.MACHINE:
        named.add("login")
    assert named <= there


@pytest.mark.parametrize(
    ("command", "route"),
    [(name, route) for name, need in NEEDS.items() for route in need.routes],
)
def test_a_command_needs_what_the_route_does(command: str, route: str) -> None:
    need, door = NEEDS[command], DOORS[route]
    assert (door.permission, door.reach) == (need.permission, SAME[need.reach])


@pytest.mark.parametrize(
    ("command", "option", "route"),
    [
        (name, option, route)
        for name, need in NEEDS.items()
        for option, other in need.instead.items()
        for route in other.routes
    ],
)
def test_with_an_option_it_needs_what_the_other_route_does(command: str, option: str, route: str) -> None:
    assert DOORS[route].permission == NEEDS[command].instead[option].permission


WITHOUT_A_COMMAND = {
    "the designer's": ("drafts", "templates"),
    "the dashboard's": ("metrics", "changes"),
    "many at once": (
        "quarantine/bulk",
        "quarantine/count",
        *(f"/runs/{act}" for act in ("pause", "resume", "cancel", "retry")),
    ),
    "parts of what a command shows whole": (
        "acts",
        "records/{record_id}",
        "audit/export",
        "verifications",
        "inbox/outcome",
        "delegations/{delegation_id}",
        "tokens/{prefix}",
        "/health",
    ),
    "the platform's quarantine, which `inbox` shows too": ("/dead-letters",),
}


def test_routes_that_no_command_is_compared_with_are_known() -> None:
    compared = {route for need in NEEDS.values() for route in need.routes}
    compared |= {
        route for need in NEEDS.values() for other in need.instead.values() for route in other.routes
    }
    endings = [part for parts in WITHOUT_A_COMMAND.values() for part in parts]
    forgotten = [each for each in set(DOORS) - compared if not any(part in each for part in endings)]
    assert forgotten == []
