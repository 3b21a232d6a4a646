"""`officeflow api`: the API as a process of its own, and its description."""

from __future__ import annotations

import json
from pathlib import Path

import click

from officeflow.cli.common import Command, echo
from officeflow.cli.reading import written
from officeflow.errors import InvalidInput
from officeflow.program import typed


@click.group()
def api() -> None:
    """The API that programs and pages use."""


@api.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8095, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--trusted-proxies",
    default="127.0.0.1",
    show_default=True,
    help="Addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, comma-separated.",
)
def serve(host: str, port: int, trusted_proxies: str) -> None:
    """Serve the API and SCIM without Airflow's pages.

    Airflow has to be reachable at OFFICEFLOW_AIRFLOW_URL.
    """
    import uvicorn

    from officeflow import logs
    from officeflow.api.alone import application
    from officeflow.runtime.bounded_http import BoundedHttp
    from officeflow.scim import app as scim
    from officeflow.scim.paths import PATH as SCIM
    from officeflow.settings import load_settings

    settings = load_settings()
    logs.configure(settings, process="api")
    uvicorn.run(
        application(settings, beside=[(SCIM, scim.create)]),
        host=host,
        port=port,
        http=BoundedHttp,
        log_config=None,
        access_log=False,
        forwarded_allow_ips=trusted_proxies,
        server_header=False,
    )


def _to_file(command: Command) -> Command:
    """Adds FILE and `--check`."""
    file = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
    check = click.option("--check", is_flag=True, help="Write nothing; fail where the file is not current.")
    return file(check(command))


@api.command()
@_to_file
def openapi(file: Path, *, check: bool) -> None:
    """Write the API's description, OpenAPI 3.1, to FILE."""
    from officeflow.api.description import described

    text = json.dumps(described(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    _write(file, text, check=check, again=typed("api openapi"))


@api.command()
@_to_file
def rights(file: Path, *, check: bool) -> None:
    """Write to FILE, as Markdown, which role may call which route and which command."""
    from officeflow.cli.rights_page import page

    _write(file, page(), check=check, again=typed("api rights"))


def _write(file: Path, text: str, *, check: bool, again: str) -> None:
    if check:
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            raise InvalidInput(f"not current: {file}", hint=f"{again} {file}")
        return
    with written(file):
        file.write_text(text, encoding="utf-8")
    echo(f"wrote {file}")
