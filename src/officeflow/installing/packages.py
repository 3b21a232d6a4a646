"""Installs what environments lack, with uv."""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from officeflow import program
from officeflow.installing.environments import ROOT, Environment
from officeflow.installing.steps import Failure, count, how_to_get_venv, run, step

NEEDED_BYTES = 3 * 2**30


def install(home: Path, wanted: Sequence[Environment]) -> None:
    """Make or repair these environments; two launchers of one home come after each other."""
    home.mkdir(parents=True, exist_ok=True)
    with one_at_a_time(home / "install.lock"):
        missing = [each for each in wanted if not each.is_current]
        if not any(each.was_made for each in missing) and shutil.disk_usage(home).free < NEEDED_BYTES:
            left = f"{shutil.disk_usage(home).free / 2**30:.1f} GiB left"
            raise Failure(f"{home} has {left}, {NEEDED_BYTES / 2**30:.0f} GiB are needed. "
                          "Make room, or set OFFICEFLOW_HOME to a folder elsewhere")  # fmt: skip
        if missing:
            uv = installer(home)
            for each in missing:
                build(each, uv, home)


@contextlib.contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"  waiting for another {program.name()} that is installing", file=sys.stderr)  # noqa: T201 - for the terminal
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def installer(home: Path) -> Path:
    """The path of uv, in an environment of its own."""
    environment = Environment(home, "installer", ["requirements-installer.txt"])
    if not environment.is_current:
        missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
        if missing:
            raise Failure(f"this Python lacks {' and '.join(missing)}. {how_to_get_venv()}")
        shutil.rmtree(environment.folder, ignore_errors=True)
        with step("Installer"):
            run([sys.executable, "-m", "venv", str(environment.folder)])
            pip = [
                str(environment.python),
                "-m",
                "pip",
                "install",
                "--disable-pip-version-check",
                "--require-hashes",
            ]
            run([*pip, "--only-binary", ":all:", "-r", str(ROOT / "requirements-installer.txt")])
            environment.complete()
    return environment.folder / "bin" / "uv"


def build(environment: Environment, uv: Path, home: Path) -> None:
    """Bring the environment to its requirements; the mark goes first and comes last.

    What we installed earlier and need no more is removed, what the user installed stays.
    """
    files = environment.noted_files() if environment.is_usable else environment.files
    environment = Environment(home, environment.folder.name, files, editable=environment.editable)
    keep = environment.is_usable
    title = (
        f"Packages of {environment.folder.name}"
        if not keep
        else f"Packages of {environment.folder.name}, brought up to date"
    )
    cache = home / "cache"
    settings = uv_settings(uv, cache) | {"VIRTUAL_ENV": str(environment.folder)}
    gone = sorted(environment.noted_packages - environment.packages) if keep else []
    with step(title, count=lambda: (count(cache / "archive-v0"), len(environment.packages))):
        environment.mark.unlink(missing_ok=True)
        if not keep:
            shutil.rmtree(environment.folder, ignore_errors=True)
            run([str(uv), "venv", "--python", sys.executable, str(environment.folder)], settings)
        requirements = [part for file in environment.files for part in ("--requirements", str(ROOT / file))]
        run([str(uv), "pip", "install", "--no-deps", "--require-hashes", *requirements], settings)
        if gone:
            run([str(uv), "pip", "uninstall", *gone], settings)
        if environment.editable:
            package = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
            run([str(uv), "pip", "install", *package], settings)
        environment.complete()


def add_packages(home: Path, folder: Path, wanted: Sequence[str]) -> None:
    """Install packages of the user's own into the folder, with all that they need, in versions that go with
    ours.

    They are beside the environment of `home`, which is never changed by them, and they by nothing that
    happens to it. A folder among `wanted` is installed as it stands: what is changed there counts at the next
    start.
    """
    uv = installer(home)
    settings = uv_settings(uv, home / "cache") | {"UV_LINK_MODE": "copy"}  # whose modes may be changed
    python = Environment(home, "env", ["requirements.txt"]).python
    named = [part for each in wanted for part in (["--editable", each] if Path(each).is_dir() else [each])]
    where = ["--target", str(folder), "--python", str(python), "--constraint", str(ROOT / "requirements.txt")]
    with one_at_a_time(home / "install.lock"), step(f"Installing {', '.join(wanted)}"):
        run([str(uv), "pip", "install", *where, *named], settings)


def uv_settings(uv: Path, cache: Path) -> dict[str, str]:
    return {"UV_CACHE_DIR": str(cache), "UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "never"} | pip_settings(
        uv
    )


def pip_settings(uv: Path) -> dict[str, str]:
    """Package indexes that pip was configured to use, in uv's words; what is set for uv itself wins."""
    listed = subprocess.run(
        [uv.with_name("python"), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    found = dict(
        re.findall(r"^\S*?\.(index-url|extra-index-url|find-links)='(.*)'$", listed.stdout, re.MULTILINE)
    )
    names = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "find-links": "UV_FIND_LINKS"}
    return {
        names[key]: value.replace("\\n", " ").strip()
        for key, value in found.items()
        if names[key] not in os.environ
    }
