"""Gives the directory of a running domain controller the content that another one has:
`restore.py FROM TO`, both folders with a `private`.

Run by the Python of the Debian packages, for their tdb. Databases that were not written to since the last
time are left alone.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import tdb

DATABASES = ("sam.ldb", "sam.ldb.d/*")
NOTED = "restored.json"


def restore(target: tdb.Tdb, source: tdb.Tdb) -> None:
    """Within a transaction of `target`."""
    wanted = {key: source.get(key) for key in source}
    for key in [key for key in target if key not in wanted]:
        target.delete(key)
    for key, value in wanted.items():
        if target.get(key) != value:
            target.store(key, value)


def main(source: Path, target: Path) -> None:
    noted = target / NOTED
    known = json.loads(noted.read_text()) if noted.exists() else {}
    opened = {}
    for pattern in DATABASES:
        for path in sorted((source / "private").glob(pattern)):
            name = str(path.relative_to(source))
            original = tdb.Tdb(str(path), 0, tdb.DEFAULT, os.O_RDONLY)
            current = tdb.Tdb(str(target / name), 0, tdb.SEQNUM, os.O_RDWR)
            if current.seqnum != known.get(name, original.seqnum):
                opened[name] = (current, original)
    for current, _ in opened.values():
        current.transaction_start()
    for current, original in opened.values():
        restore(current, original)
    for current, _ in opened.values():
        current.transaction_commit()
    noted.write_text(json.dumps({**known, **{name: current.seqnum for name, (current, _) in opened.items()}}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
