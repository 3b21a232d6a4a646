"""Fetches the jars of a lock file from Maven Central.

Run by the servers' environment, which has jgo: `fetch_jars.py LOCK FOLDER`.

Each line of the lock is `group:artifact:version sha256`, with `:zip` behind the version for what is no jar. A
file lands in the folder, complete and with the right digest, or not at all; what is there already is left
alone, so a second run needs no network. Prints one line per file. Exit status 1 names what could not be had.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def read_lock(lock: Path) -> list[tuple[str, str]]:
    """(coordinate, sha256) of each line."""
    lines = (
        line.split() for line in lock.read_text().splitlines() if line.strip() and not line.startswith("#")
    )
    return [(coordinate, digest) for coordinate, digest in lines]


def jar_name(coordinate: str) -> str:
    _, artifact, version, packaging = _parts(coordinate)
    return f"{artifact}-{version}.{packaging}"


def _parts(coordinate: str) -> tuple[str, str, str, str]:
    """Group, artifact, version, packaging."""
    group, artifact, version, *rest = coordinate.split(":")
    (packaging,) = rest or ["jar"]
    return group, artifact, version, packaging


def fetch(coordinate: str, digest: str, folder: Path, cache: Path) -> None:
    from jgo.maven import MavenContext

    group, artifact, version, packaging = _parts(coordinate)
    context = MavenContext(repo_cache=cache, timeout=60)
    component = context.project(group, artifact).at_version(version)
    found = Path(component.artifact(packaging=packaging).resolve())
    if hashlib.sha256(found.read_bytes()).hexdigest() != digest:
        raise ValueError(f"{coordinate}: what was downloaded is not what the lock file expects")
    partial = folder / f".{jar_name(coordinate)}.part"
    shutil.copyfile(found, partial)
    partial.rename(folder / jar_name(coordinate))


def main(lock: Path, folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [(c, d) for c, d in read_lock(lock) if not (folder / jar_name(c)).exists()]
    failed = 0
    with tempfile.TemporaryDirectory(dir=folder, prefix=".maven-") as cache, ThreadPoolExecutor(8) as pool:
        tasks = {
            coordinate: pool.submit(fetch, coordinate, digest, folder, Path(cache))
            for coordinate, digest in wanted
        }
        for coordinate, task in tasks.items():
            error = task.exception()
            failed += error is not None
            sys.stdout.write(f"{coordinate} {'done' if error is None else f'failed: {error}'}\n")
            sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
