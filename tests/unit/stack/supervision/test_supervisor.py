"""supervisord, where it does not run."""

from __future__ import annotations

import pytest

from officeflow.errors import Unavailable
from officeflow.layout import Layout
from officeflow.stack.supervision.supervisor import Supervisor


def test_a_stack_that_does_not_run_says_so(layout: Layout) -> None:
    with pytest.raises(Unavailable, match="does not run"):
        Supervisor(layout).states()
