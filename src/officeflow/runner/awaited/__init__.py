"""What a node waits for that the platform keeps: noted once, and given to the node when it has come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from officeflow.errors import AnswerNeeded, OfficeFlowError
from officeflow.runner.awaited import people
from officeflow.runner.course import Course
from officeflow.runner.prepare import Prepared
from officeflow.runs.acts import Attempt

Come = Callable[[Course, Prepared, Attempt, Any], Any]
"""Notes what the error asks for, where that is not noted yet, and gives what has come; None while nothing
has.
"""

OF: Mapping[type[OfficeFlowError], Come] = {AnswerNeeded: people.come}


def come(course: Course, prepared: Prepared, attempt: Attempt, needed: OfficeFlowError) -> Any:
    """What has come of what the node needs; None where that has yet to come."""
    found = OF.get(type(needed))
    return None if found is None else found(course, prepared, attempt, needed)
