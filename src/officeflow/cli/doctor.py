"""`officeflow doctor`."""

from __future__ import annotations

import sys

import click

from officeflow.cli.common import echo, show_json, tell
from officeflow.counts import counted
from officeflow.doctor.examination import Examined, examine, subject_of
from officeflow.doctor.finding import Outcome
from officeflow.layout import Layout

MARKS = {Outcome.OK: "✓", Outcome.WARNING: "!", Outcome.PROBLEM: "✗"}


@click.command()
@click.option("--json", "json_output", is_flag=True, help="Print JSON, for programs.")
@click.option("-q", "--quiet", is_flag=True, help="Leave out what is in order.")
def doctor(*, json_output: bool, quiet: bool) -> None:
    """Examine the installation: versions, settings, ports, disks, clocks, databases, topics, connections,
    Airflow, processes.

    Says of each thing that is wrong what it means and what to do, also when half of it is down. Exit status 1
    where there is a problem.
    """
    found = examine(subject_of(Layout.from_environment()))
    healthy = all(each.outcome is not Outcome.PROBLEM for each in found)
    if json_output:
        show_json({"healthy": healthy, "findings": [line for each in found for line in each.as_json()]})
    else:
        _tell(found, quiet=quiet)
    sys.exit(0 if healthy else 1)


def _tell(found: list[Examined], *, quiet: bool) -> None:
    area = ""
    for each in found:
        for finding in each.findings:
            if quiet and finding.outcome is Outcome.OK:
                continue
            if each.check.area != area:
                area = each.check.area
                echo(area)
            tell(f"  {MARKS[finding.outcome]} {finding.says}", hang="  ")
            if finding.do:
                tell(f"      → {finding.do}", hang="  ")
    counts = {
        outcome: sum(finding.outcome is outcome for each in found for finding in each.findings)
        for outcome in Outcome
    }
    wrong = f"{counted(counts[Outcome.PROBLEM], 'problem')}, {counted(counts[Outcome.WARNING], 'warning')}"
    echo(f"{wrong}, {counts[Outcome.OK]} in order")
