"""`officeflow test`: the tests of the checkout."""

from __future__ import annotations

import sys

import click

from officeflow.cli.interrupts import in_foreground
from officeflow.errors import Unavailable
from officeflow.layout import ROOT

SUITE = ROOT / "tests" / "suite.py"


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Run the checks and tests; `unit` are those that need no server, `lint` the checks, anything else goes
    to pytest.
    """
    if not SUITE.is_file():
        raise Unavailable(
            "the tests are in the source code, and this is an installed OfficeFlow",
            hint="./officeflow test in a checkout",
        )
    sys.exit(in_foreground([sys.executable, "-P", str(SUITE), *arguments], cwd=ROOT))
