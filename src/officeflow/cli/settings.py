"""`officeflow settings`: every variable, what it does, and whose value counts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import click

from officeflow import program
from officeflow.cli.common import as_json, echo, show_json, tell

INTRODUCTION = """\
<!-- Written by `officeflow settings --markdown`; change the descriptions in src/officeflow/settings.py. -->

# Settings

Settings are environment variables. `./officeflow up` reads them where it is called and hands them to every
process that it starts, to Airflow's too. Call it again with others: it says which are new, changed or not set
any more, and starts those processes anew. Commands that are called afterwards have them as well, unless they
are called with others. A variable that starts with `OFFICEFLOW_` and that nothing reads is named by every
command. One whose value has a wrong form is refused by every command that uses settings, by `up` before
anything is started or stopped. `./officeflow settings` shows each value and where it comes from.
`docker-compose.yaml` takes the same variables from where it is called, or from `.env`.

*With `up`*: **passed on** arrives as it is. **a server** is used instead of one that `up` starts. **decided**
is made by `up`: what is set is not used, and that is said.
"""

MASK = "***"
"""Shown of a secret that there is."""

DEFAULT, HERE, STACK = "the default", "set here", "as the stack has it"
"""Where a value comes from."""

BEYOND = {
    "`AIRFLOW__SECTION__OPTION`": (
        "Airflow's processes, instead of what `up` sets; apart from the options below"
    ),
    "`AIRFLOW_CONN_…`, `AIRFLOW_VAR_…`": "Airflow's processes",
    "`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, `CURL_CA_BUNDLE`": (
        "Airflow's processes and ours; the stack's own addresses are "
        "always in `NO_PROXY`. Our connectors use no proxy but their connection's"
    ),
    "`SSL_CERT_FILE`, `SSL_CERT_DIR`, `REQUESTS_CA_BUNDLE`, `TZ`, `LANG`, `PATH`, `HOME`, `TMPDIR`": (
        "every process"
    ),
}
"""Variables that are not ours, and where they arrive."""

AFTERWARDS = """
Other variables arrive nowhere: what a node of yours needs belongs into a connection. With containers,
Airflow's variables stand in a file `airflow.env`. Where packages are installed, `HTTPS_PROXY`,
`SSL_CERT_FILE` and pip's own settings (`PIP_INDEX_URL`) count too.

### Options of Airflow that `up` decides

| variable | because |
|---|---|
"""


@click.command()
@as_json
@click.option("--markdown", is_flag=True, help="Print docs/settings.md.")
def settings(*, json_output: bool, markdown: bool) -> None:
    """Show every setting: its value here and where that comes from, what it does, and whether `up` passes it
    on.
    """
    rows = list(_rows())
    if json_output:
        show_json(rows)
    elif markdown:
        echo(_page(rows), nl=False)
    else:
        for row in rows:
            tell(row["variable"])
            tell(f"    {row['value'] or 'empty'}, {row['from']}", hang="  ")
            tell(f"    {row['description']}")
            tell(
                f"    {row['with_up']}"
                + ("" if row["from"] == DEFAULT else f"; default: {row['default'] or 'empty'}"),
                hang="  ",
            )
        _tell_what_is_wrong()


def _rows() -> Iterator[dict[str, Any]]:
    from officeflow.settings import Settings
    from officeflow.variables import PREFIX

    for name, field in Settings.model_fields.items():
        variable = PREFIX + name.upper()
        default = (
            field.default.get_secret_value() if hasattr(field.default, "get_secret_value") else field.default
        )
        default = str(default).lower() if isinstance(default, bool) else str(default)
        secret = hasattr(field.default, "get_secret_value")
        yield {
            "variable": variable,
            "value": _value(variable, default, secret=secret),
            "from": _whose(variable),
            "default": default,
            "with_up": _with_up(variable),
            "description": field.description,
        }


def _tell_what_is_wrong() -> None:
    """Behind the list, where it is read; the list itself is shown whatever the values are."""
    from officeflow.errors import InvalidInput
    from officeflow.settings import load_settings

    try:
        load_settings()
    except InvalidInput as error:
        tell(f"officeflow: {error}", err=True, hang="  ")


def _value(variable: str, default: str, *, secret: bool) -> str:
    given = os.environ.get(variable, default)
    return MASK if secret and given and given != default else given


def _whose(variable: str) -> str:
    from officeflow.stack.calling import HOME

    if variable in program.set_by_caller(os.environ):
        return HERE
    return STACK if variable in os.environ and variable != HOME else DEFAULT


def _with_up(variable: str) -> str:
    from officeflow.stack.calling import DECIDED, HOME
    from officeflow.stack.stack import GIVEN_BY, GIVEN_WITH

    if variable in DECIDED:
        return f"decided: {DECIDED[variable]}"
    if variable in GIVEN_BY.values():
        return "a server"
    if variable in GIVEN_WITH.values():
        return "goes with a server"
    return "read by the launcher" if variable == HOME else "passed on"


def _page(rows: list[dict[str, Any]]) -> str:
    from officeflow.stack.calling import AIRFLOW_DECIDED
    from officeflow.variables import LISTENER_OPTIONS, OF_COMMANDS

    lines = ["", "| variable | default | what | with `up` |", "|---|---|---|---|"]
    for row in rows:
        default = f"`{row['default']}`" if row["default"] else ""
        lines.append(f"| `{row['variable']}` | {default} | {row['description']} | {row['with_up']} |")
    lines += [
        "",
        "## Of the listener",
        "",
        ", ".join(f"`{name}`" for name in LISTENER_OPTIONS) + ": see [Events](events.md). Passed on.",
    ]
    lines += ["", "## Of commands", "", "| variable | what |", "|---|---|"]
    lines += [f"| `{name}` | {what} |" for name, what in OF_COMMANDS.items()]
    decided = [f"| `{name}` | {why} |" for name, why in AIRFLOW_DECIDED.items()]
    lines += ["", "## Beyond OfficeFlow", "", "| variables | arrive in |", "|---|---|"]
    lines += [f"| {names} | {where} |" for names, where in BEYOND.items()]
    return INTRODUCTION + "\n".join(lines) + "\n" + AFTERWARDS + "\n".join(decided) + "\n"
