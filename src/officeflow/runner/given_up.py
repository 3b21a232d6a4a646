"""What cannot be computed because a node before was given up: the error says so."""

from __future__ import annotations

from officeflow.errors import InvalidParameters, Problem
from officeflow.runner.course import Course
from officeflow.runner.values import Surroundings
from officeflow.runs import readers, refusals

HINT = "let it try again, or publish a version that does without what it gives"


def explained(course: Course, around: Surroundings, error: InvalidParameters) -> InvalidParameters | None:
    """The error with a problem for each node that the parameters read and that somebody gave up; None where
    there is none.
    """
    with course.services.database.tenant(around.run.org_id) as session:
        skipped = refusals.skipped(session, around.run.run_id)
    read = [node for node in skipped if readers.reads(course.given.params, node)]
    if not read:
        return None
    found = [Problem(f"nodes.{node}", f"has no output: {skipped[node]}", HINT) for node in read]
    return InvalidParameters(error.message, problems=[*found, *error.problems], hint=error.hint)
