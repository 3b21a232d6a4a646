"""What lock files pin at Maven Central, fetched by the servers' environment (`fetch_jars`)."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from officeflow import downloads
from officeflow.errors import Unavailable
from officeflow.layout import Layout
from officeflow.stack.progress import Step
from officeflow.stack.servers import fetch_jars


def fetch(layout: Layout, lock: Path, folder: Path, step: Step, *, what: str) -> None:
    """Have every file of the lock in the folder; needs the network only for those that are missing.

    `Unavailable` says why `what` could not be had.
    """
    wanted = {fetch_jars.jar_name(coordinate) for coordinate, _ in fetch_jars.read_lock(lock)}
    missing = {name for name in wanted if not (folder / name).exists()}
    if not missing:
        return
    command = [str(layout.servers_python), fetch_jars.__file__, str(lock), str(folder)]
    environment = {**os.environ, **downloads.trust(os.environ)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        lines = []
        for line in process.stdout or ():
            lines.append(line.strip())
            step.say(f"{len(lines)} of {len(missing)} files")
        complaint = (process.stderr.read() if process.stderr else "").strip()
    failed = [line for line in lines if not line.endswith(" done")]
    if process.returncode != 0:
        reason = failed[0] if failed else (complaint.splitlines() or ["no reason given"])[-1]
        raise Unavailable(
            f"{what} could not be fetched from Maven Central: {reason}",
            hint=downloads.why_not(reason) or downloads.WAYS_OUT,
        )
