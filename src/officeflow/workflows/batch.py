"""Several definitions at once: what is wrong in which file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from officeflow.counts import counted
from officeflow.database.tables import Organization
from officeflow.errors import InvalidDefinition, Problem
from officeflow.workflows import check_people, renames, validation
from officeflow.workflows.check_expressions import Shown
from officeflow.workflows.check_nodes import Connections
from officeflow.workflows.models import Definition


@dataclass(frozen=True, slots=True)
class FileProblem(Problem):
    """A problem with the file that it is in, "" where there is none."""

    file: str = ""

    def __str__(self) -> str:
        place = ": ".join(filter(None, (self.file, self.path)))
        return Problem.__str__(Problem(place, self.reason, self.suggestion))


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What is wrong with each file, and the definitions of those with which nothing is."""

    problems: Mapping[str, Sequence[Problem]]
    good: Mapping[str, Definition]

    def listed(self) -> list[FileProblem]:
        return [
            FileProblem(each.path, each.reason, each.suggestion, file)
            for file, found in self.problems.items()
            for each in found
        ]


def review(written: Mapping[str, Any]) -> Reviewed:
    """Definitions by file, taken by themselves."""
    return _reviewed(written, {file: validation.validate(raw) for file, raw in written.items()})


def review_for(
    session: Session, organization: Organization, written: Mapping[str, Any], connections: Connections
) -> Reviewed:
    """Definitions by file, for an organization: with its connections, the fields that it shows, and what it
    has published before.
    """
    shown = Shown.of_settings(organization.slug, organization.settings)
    reviewed = _reviewed(
        written, {file: validation.validate(raw, connections, shown) for file, raw in written.items()}
    )
    past = {
        file: renames.history(session, organization.org_id, definition.slug)
        for file, definition in reviewed.good.items()
    }
    renamed = {
        file: list(renames.check(past[file], definition)) for file, definition in reviewed.good.items()
    }
    reviewed = _without(reviewed, {file: problems for file, problems in renamed.items() if problems})
    unknown = {
        file: list(check_people.check(session, organization.org_id, definition))
        for file, definition in reviewed.good.items()
    }
    return _without(reviewed, {file: problems for file, problems in unknown.items() if problems})


def refuse(problems: Sequence[FileProblem], files: int) -> None:
    """`InvalidDefinition` where there is a problem."""
    if problems:
        count = counted(len(problems), "problem")
        wrong = len({problem.file for problem in problems})
        what = (
            f"the definition has {count}"
            if files == 1
            else f"{wrong} of {files} definitions {'has' if wrong == 1 else 'have'} {count}"
        )
        raise InvalidDefinition(f"{what}; nothing was published", problems=problems)


def _reviewed(written: Mapping[str, Any], problems: Mapping[str, Sequence[Problem]]) -> Reviewed:
    good = {file: Definition.model_validate(raw) for file, raw in written.items() if not problems[file]}
    twice = {file: list(_same_slug(file, good)) for file in good}
    return _without(Reviewed(problems, good), {file: found for file, found in twice.items() if found})


def _without(reviewed: Reviewed, wrong: Mapping[str, Sequence[Problem]]) -> Reviewed:
    good = {file: definition for file, definition in reviewed.good.items() if file not in wrong}
    return Reviewed({**reviewed.problems, **wrong}, good)


def _same_slug(file: str, definitions: Mapping[str, Definition]) -> Iterator[Problem]:
    """What is wrong where a file before this one has the same slug."""
    slug = definitions[file].slug
    for other, definition in definitions.items():
        if other == file:
            return
        if definition.slug == slug:
            yield Problem(
                "slug",
                f"{slug!r} is the slug of {other} already",
                "leave one of them out, or give one another slug",
            )
