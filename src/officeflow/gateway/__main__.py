"""`python -m officeflow.gateway`."""

from __future__ import annotations

import sys

from officeflow.gateway.serve import main

sys.exit(main())
