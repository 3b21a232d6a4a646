"""How much a template may still do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from officeflow.errors import InvalidExpression

MAX_STEPS = 2_000_000
"""Characters worked on in one rendering; a round of a loop or an item of a list counts as `ITEM` of them."""
ITEM = 10
MAX_OUTPUT = 1_000_000
"""Characters that a template may write."""

_left: ContextVar[list[int] | None] = ContextVar("officeflow_template_steps", default=None)


@contextmanager
def budget(steps: int = MAX_STEPS) -> Iterator[None]:
    token = _left.set([steps])
    try:
        yield
    finally:
        _left.reset(token)


def charge(steps: int) -> None:
    """Take `steps`; `InvalidExpression` when there are not so many left.

    Called before the work is done, wherever its size is known.
    """
    left = _left.get()
    if left is None:
        raise InvalidExpression("a template was used outside of its budget")
    left[0] -= max(steps, 1)
    if left[0] < 0:
        raise InvalidExpression(
            "the template does too much",
            hint="fewer and smaller loops, or compute the value in a `${{ }}` parameter",
        )


def weight(value: Any) -> int:
    """What reading a value costs."""
    if isinstance(value, str):
        return len(value)
    return ITEM * len(value) if isinstance(value, list | dict | tuple) else 1
