"""`python -m listeners.inbound`."""

from __future__ import annotations

import sys

from listeners.inbound.lifecycle_events import NAME, work
from listeners.process import main

sys.exit(main(NAME, work))
