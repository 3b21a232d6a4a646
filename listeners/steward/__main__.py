"""`python -m listeners.steward`."""

from __future__ import annotations

import sys

from listeners.process import main
from listeners.steward.duties import NAME, work

sys.exit(main(NAME, work))
