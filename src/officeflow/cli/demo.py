"""`officeflow demo`: the demonstration's systems, for trying things out on them."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator

import click

from officeflow.cli.common import as_json, echo, show_json
from officeflow.connectors.providers import provider
from officeflow.errors import InvalidInput, Unavailable
from officeflow.layout import Layout
from officeflow.program import typed
from officeflow.stack.supervision import control
from officeflow.stack.supervision.states import ProcessState

HIDDEN = "(hidden)"


@click.group()
def demo() -> None:
    """The demonstration's systems, and what it shows beside `up`."""


@demo.command()
@as_json
def env(*, json_output: bool) -> None:
    """Print where the demonstration's systems are and how to sign in, as variables for a shell to `eval`.

    There are SCIM_URL, SCIM_TOKEN, SMTP_HOST, CALDAV_URL and so on, named by provider and field, and
    WEBHOOK_URL and WEBHOOK_TOKEN for an event of your own; OKTA_URL, KEYCLOAK_URL, LDAP_HOST and so on where
    `demo identity` has started these systems. On a terminal no secret is shown.
    """
    shows = not sys.stdout.isatty()
    variables = {name: value if shows or not secret else HIDDEN for name, value, secret in _variables()}
    if json_output:
        show_json(variables)
        return
    for name, value in variables.items():
        echo(f"export {name}={shlex.quote(value)}")
    if not shows:
        echo(f'# Secrets are hidden here. To set all of it in this shell: eval "$({typed("demo env")})"')


@demo.command()
@as_json
def approval(*, json_output: bool) -> None:
    """Hire an invented contractor, who comes in when somebody says yes: it says where to answer, and goes on
    when you did.

    The stack is started where it does not run.
    """
    import os

    from officeflow.cli.interrupts import interruptible, stack_goes_on
    from officeflow.demo.approval import run_approval
    from officeflow.runtime.own_ports import guard
    from officeflow.settings import load_settings
    from officeflow.stack.calling import passed_on
    from officeflow.stack.progress import TextProgress
    from officeflow.stack.stack import Given
    from officeflow.stack.up import start_stack

    layout = Layout.from_environment()
    progress = TextProgress(sys.stderr if json_output else sys.stdout)
    with interruptible(lambda: stack_goes_on(layout)):
        stack = start_stack(
            layout, progress=progress, given=Given.from_environment(layout), passed=passed_on()
        )
        os.environ.update(stack.environment)
        guard()
        if not run_approval(stack, load_settings(), json_output=json_output, progress=progress):
            sys.exit(1)


@demo.command()
@as_json
def identity(*, json_output: bool) -> None:
    """Hire an invented person into seven identity systems at once, move them, end them, and show what each
    system says of them after each step.

    Starts Keycloak, slapd, a domain controller and what plays Okta, Entra and Google, and the stack where it
    does not run; the first time fetches and builds them. Exit status 0 only if every system says what it
    should.
    """
    from officeflow.demo.identity.story import run_identity

    _in_identity_systems(run_identity, json_output=json_output)


@demo.command(name="exit")
@click.option("--now", is_flag=True, help="Access ends at once, as where somebody is dismissed.")
@as_json
def exit_(*, now: bool, json_output: bool) -> None:
    """Hire an invented person into the systems of `demo identity`, end them at once, and show which door was
    closed in which second from the event.

    Exit status 0 only if all doors are closed.
    """
    from officeflow.demo.identity.leaving import run_exit

    if not now:
        raise InvalidInput("an exit is shown that happens now", hint=f"`{typed('demo exit --now')}`")
    _in_identity_systems(run_exit, json_output=json_output)


def _in_identity_systems(story: Callable[..., bool], *, json_output: bool) -> None:
    import os

    from officeflow.cli.interrupts import interruptible, stack_goes_on
    from officeflow.demo.identity.starting import start
    from officeflow.runtime.own_ports import guard
    from officeflow.settings import load_settings
    from officeflow.stack.calling import passed_on
    from officeflow.stack.progress import TextProgress
    from officeflow.stack.stack import Given

    layout = Layout.from_environment()
    progress = TextProgress(sys.stderr if json_output else sys.stdout)
    with interruptible(lambda: stack_goes_on(layout)):
        given = Given.from_environment(layout)
        started = start(layout, progress=progress, given=given, passed=passed_on())
        os.environ.update(started.stack.environment)
        guard()
        if not story(started, load_settings(), json_output=json_output, progress=progress):
            sys.exit(1)


def _variables() -> Iterator[tuple[str, str, bool]]:
    """Name, value, and whether that is a secret, of what runs. `Unavailable` where the stack does not."""
    from officeflow.demo import setup
    from officeflow.gateway.administration import address
    from officeflow.stack.counterparts import with_further
    from officeflow.stack.servers.counterparts import connection_fields
    from officeflow.stack.stack import Stack

    layout = Layout.from_environment()
    stack = control.status(layout, with_memory=False)
    if not stack.running:
        raise Unavailable(f"the stack in {layout.home} does not run", hint=f"`{typed('up')}` starts it")
    services = {each.name: each.ports for each in stack.services if each.state == ProcessState.RUNNING}
    there = [each for name, each in with_further(services).items() if name in services]
    ports = {port.name: services[each.name][kind] for each in there for kind, port in each.ports.items()}
    if gateway := services.get("gateway"):
        yield "WEBHOOK_URL", address(f"http://127.0.0.1:{gateway['gateway']}", setup.ORG, setup.SOURCE), False
        yield "WEBHOOK_TOKEN", Stack(layout, {}).secrets[setup.SOURCE_SECRET], True
    for provider_name, values in connection_fields(Stack(layout, ports), there).items():
        secrets = {field.name for field in provider(provider_name).fields if field.secret}
        for field, value in values.items():
            yield f"{provider_name}_{field}".upper(), value, field in secrets
