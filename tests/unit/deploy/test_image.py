"""`deploy/Dockerfile` holds what `docker-compose.yaml` starts from it."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from officeflow.cli.commands import COMMANDS
from officeflow.layout import ROOT

IMAGE = (ROOT / "deploy" / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yaml").read_text())
OURS = {name: each for name, each in COMPOSE["services"].items() if "build" in each}
WORKDIR = "/officeflow/"


def stage(name: str) -> str:
    """The lines of one of its images."""
    return next(part for part in re.split(r"(?m)^FROM ", IMAGE) if part.splitlines()[0].endswith(f" {name}"))


def copied(name: str) -> set[str]:
    lines = re.findall(r"(?m)^COPY (.+) \S+$", stage(name))
    return {source for line in lines for source in line.split()}


def started(service: dict[str, Any]) -> str:
    return " ".join(service["command"])


@pytest.mark.parametrize("name", ["officeflow", "counterparts"])
def test_what_is_copied_is_there(name: str) -> None:
    assert copied(name)
    assert [source for source in copied(name) if not (ROOT / source).exists()] == []


@pytest.mark.parametrize("name", OURS)
def test_what_is_started_is_in_the_image(name: str) -> None:
    """Modules, scripts and folders of ours, by command or setting."""
    service = OURS[name]
    target = service["build"]["target"]
    modules = re.findall(r"(?<!\S)-m ([a-z_.]+)", started(service))
    scripts = re.findall(r"\b[a-z_/]+\.py\b", started(service))
    values = [str(value) for value in service["environment"].values()]
    folders = [value.removeprefix(WORKDIR) for value in values if value.startswith(WORKDIR)]
    assert modules or scripts
    wanted = [place_of(module) for module in modules] + scripts + folders
    assert [each for each in wanted if not is_held(each, copied(target))] == []


def place_of(module: str) -> str:
    path = module.replace(".", "/")
    places = [place for place in (path, f"{path}.py") for place in (place, f"src/{place}")]
    return next(place for place in places if (ROOT / place).exists())


def is_held(path: str, sources: set[str]) -> bool:
    return (ROOT / path).exists() and any(path == each or path.startswith(f"{each}/") for each in sources)


def test_commands_of_ours_are_commands() -> None:
    called = {word for each in OURS.values() for word in re.findall(r"officeflow ([a-z]+) ", started(each))}
    assert "db" in called
    assert called <= set(COMMANDS)


def test_each_volume_is_made_for_the_user_that_everything_runs_as() -> None:
    """A volume on a folder that the image has not is root's alone."""
    made = {path for part in re.findall(r"install -d -o officeflow([^&\n]*)", IMAGE) for path in part.split()}
    volumes = {volume.split(":")[1] for each in OURS.values() for volume in each.get("volumes", ())}
    assert volumes >= {"/airflow", "/spool"}
    assert volumes <= made
    users = {re.findall(r"(?m)^USER (\d+)$", stage(name))[0] for name in ("officeflow", "counterparts")}
    assert users == set(re.findall(r"useradd --uid (\d+)", IMAGE))
