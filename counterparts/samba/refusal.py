"""Whether this user may have a domain controller on this machine: the reason where not, and exit status 77
(EX_NOPERM).
"""

from __future__ import annotations

import os
import sys

from counterparts.debian import unpacked
from counterparts.samba.inside import refusal

if __name__ == "__main__":
    if reason := refusal(unpacked("samba")):
        sys.stderr.write(f"{reason}\n")
        sys.exit(os.EX_NOPERM)
