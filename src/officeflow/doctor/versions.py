"""Python and packages against the pins."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from officeflow.doctor.finding import Check, Finding, Subject, ok, problem, warning
from officeflow.layout import ROOT
from officeflow.program import typed

AREA = "versions"
OLDEST_PYTHON = (3, 11)
NAMED = ("apache-airflow", "celery", "sqlalchemy", "confluent-kafka")
"""Packages whose versions are told also where all is well."""


def pins(path: Path) -> dict[str, str]:
    """Package to version, of a requirements file with exact pins, for this Python and machine."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and line[0].isalnum():
            requirement = Requirement(line.rstrip("\\ ").strip())
            if requirement.marker is None or requirement.marker.evaluate():
                found[str(canonicalize_name(requirement.name))] = next(iter(requirement.specifier)).version
    return found


def installed(folder: Path | None = None) -> dict[str, str]:
    """Package to version, of this process or of another environment's site-packages."""
    from packaging.utils import canonicalize_name

    found = importlib.metadata.distributions(path=[str(folder)] if folder else sys.path)
    return {str(canonicalize_name(each.metadata["Name"])): each.version for each in found}


def differences(wanted: Mapping[str, str], has: Mapping[str, str]) -> list[str]:
    """`name 1.0 instead of 2.0`, or `name is missing`, for every pin that is not kept."""
    return [
        f"{name} {has[name]} instead of {version}" if name in has else f"{name} is missing"
        for name, version in sorted(wanted.items())
        if has.get(name) != version
    ]


def python(_: Subject) -> Iterator[Finding]:
    if sys.version_info[:2] < OLDEST_PYTHON:
        yield problem(
            f"Python {platform.python_version()} is too old",
            f"install Python 3.11 or newer, and call {typed('up')} with it",
        )
    else:
        yield ok(f"Python {platform.python_version()}")


def packages(_: Subject) -> Iterator[Finding]:
    yield from _compare(ROOT / "requirements.txt", installed(), f"{typed('up')} installs what is pinned")


def servers(subject: Subject) -> Iterator[Finding]:
    folder = next((subject.layout.servers / "lib").glob("python3*/site-packages"), None)
    if folder is None:
        if subject.state:
            yield warning(
                f"there is no servers' environment in {subject.layout.servers}", f"{typed('up')} makes it"
            )
        return
    yield from _compare(
        ROOT / "requirements-servers.txt", installed(folder), f"{typed('up')} installs what is pinned"
    )


def _compare(path: Path, has: Mapping[str, str], do: str) -> Iterator[Finding]:
    if not path.exists():
        yield warning(f"there is no {path}: the packages cannot be compared with their pins")
        return
    wanted = pins(path)
    if wrong := differences(wanted, has):
        yield problem(
            f"{path.name}: {len(wrong)} of {len(wanted)} packages differ: {', '.join(wrong[:8])}", do
        )
    else:
        named = ", ".join(f"{name} {wanted[name]}" for name in NAMED if name in wanted)
        yield ok(
            f"{path.name}: {len(wanted)} packages as pinned" + (f", among them {named}" if named else "")
        )


CHECKS = (
    Check(area=AREA, name="python", examine=python),
    Check(area=AREA, name="packages", examine=packages),
    Check(area=AREA, name="servers", examine=servers),
)
