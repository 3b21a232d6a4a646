"""`officeflow bench`: the benchmarks of the checkout."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import click

from officeflow.cli.common import show_rows
from officeflow.cli.interrupts import in_foreground, interruptible
from officeflow.errors import NotKnown, did_you_mean
from officeflow.layout import ROOT, Layout

FOLDER = ROOT / "benchmarks"


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name", required=False)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
@click.option("--json", "json_output", is_flag=True, help="Print JSON, for programs.")
def bench(*, name: str | None, options: tuple[str, ...], json_output: bool) -> None:
    """Measure the benchmark NAME on a stack of its own, or list the benchmarks.

    OPTIONS are the benchmark's own, such as --quick; `bench NAME -- --help` lists them.

    Exit status: 0 every budget is met, 1 one is not, 2 nothing could be measured.
    """
    found = benchmarks(FOLDER)
    if name is None:
        rows = [{"name": each, "measures": says} for each, says in found.items()]
        show_rows(rows, json_output=json_output, nothing=f"{FOLDER} holds no benchmarks.")
        return
    if name not in found:
        raise NotKnown(
            f"no benchmark is called {name!r}", hint=did_you_mean(name, found) or f"known: {', '.join(found)}"
        )
    command = [
        sys.executable,
        "-P",
        "-m",
        f"benchmarks.{name}",
        *(["--json"] if json_output else []),
        *options,
    ]
    with interruptible(lambda: "the benchmark's own stack is stopped"):
        sys.exit(in_foreground(command, cwd=ROOT, env=_environment()))


def benchmarks(folder: Path) -> dict[str, str]:
    """The folder's benchmarks, that is the modules that can be run, each with the first paragraph of its
    docstring, past its name.
    """
    found = {}
    for path in sorted(folder.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        if '\nif __name__ == "__main__":' in text:
            says = ast.get_docstring(ast.parse(text)) or ""
            found[path.stem] = " ".join(says.partition("\n\n")[0].split()).removeprefix(
                f"`bench {path.stem}`: "
            )
    return found


def _environment() -> dict[str, str]:
    packages = next((Layout.from_environment().home / "bench").glob("lib/python3*/site-packages"), None)
    made = {"OFFICEFLOW_BENCH_PACKAGES": str(packages)} if packages else {}
    return {**made, **os.environ, "PYTHONPATH": str(ROOT)}
