"""The workflows in the database, as a versioned folder that Airflow reads.

    tracking/.revision         the revision that the folder shows
    tracking/<org>/w00.py      a stub: the DAGs of up to 25 workflows, by their place; it never moves
    tracking/<org>/w00.json    its manifest: of each workflow its newest versions, by content hash
    tracking/<org>/w00_check.py   no DAGs: raises where a newest version does not build
    versions/r0000123/         the same, of one revision: what a running run is pinned to
    objects/<content hash>     definitions, shared by all

A folder under `versions/` may be deleted at any time; `initialize` builds it again from the database.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from airflow.dag_processing.bundles.base import BaseDagBundle, BundleVersion, BundleVersionLock
from sqlalchemy.orm import Session

from officeflow.database.engine import Database
from officeflow.errors import Unavailable
from officeflow.workflows import revisions

log = logging.getLogger(__name__)

WORKFLOWS_PER_STUB = 25
MTIME_AHEAD = 3.0
"""Seconds that a stub's time lies ahead, more than a parse takes: Airflow misses a file that changes while it
is being parsed.
"""

STUB = '''"""Airflow reads the DAGs of up to 25 workflows here; {name}.json says which."""
from dag_factory.stubs import load

globals().update(load(__file__))
'''
CHECK = '''"""No Airflow DAG is here.

An error of this file names the workflows of {name}.py whose newest version does not build.
"""
from dag_factory.stubs import check

check(__file__)
'''

SUFFIXES = (".json", ".py", "_check.py")
REVISION_FILE = ".revision"
COMPLETE_FILE = ".complete"


class WorkflowBundle(BaseDagBundle):
    """`version` None: the folder that the dag-processor follows.

    Otherwise (`r0000123`): the folder of that revision.

    `database_url` defaults to the settings'. Every process that runs or parses a workflow needs it.
    """

    supports_versioning = True

    def __init__(self, *, database_url: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._database_url = database_url
        self._database: Database | None = None
        self._revision: int | None = int(self.version[1:]) if self.version else None

    @property
    def path(self) -> Path:
        return self.versions_dir / self.version if self.version else self.base_dir / "tracking"

    @property
    def objects(self) -> Path:
        return self.base_dir / "objects"

    def get_current_version(self) -> BundleVersion | None:
        """None until a revision is known."""
        return None if self._revision is None else BundleVersion(version=version_name(self._revision))

    def initialize(self) -> None:
        """Have the folder ready. Safe from several processes at once.

        Raises `Unavailable` where the database does not answer and no complete folder is there from an
        earlier time.
        """
        if self.version:
            self._initialize_pinned(self.version)
        else:
            self._revision = _read_revision(self.path)
            self.refresh()
        super().initialize()

    def refresh(self) -> None:
        """Follow the newest revision. While the database does not answer, the folder stays as it is."""
        if self.version:
            raise RuntimeError(f"the bundle is pinned to {self.version}: it never changes")
        try:
            self._follow()
        except Unavailable as error:
            if self._revision is None:
                raise
            log.warning("the workflows stay at revision %s: %s", self._revision, error)

    def _follow(self) -> None:
        with self._open().service() as session:
            revision = revisions.newest_revision(session)
            if revision == self._revision and (self.path / REVISION_FILE).exists() and self.objects.is_dir():
                return
            with self.lock():
                self._write_tree(session, revision, self.path)
                _put(self.path / REVISION_FILE, str(revision).encode())
        log.info("the workflows are at revision %s", revision)
        self._revision = revision

    def _initialize_pinned(self, version: str) -> None:
        # Marks the folder as used just now, and holds it while this bundle is in use: Airflow's clean-up
        # leaves it alone.
        in_use = BundleVersionLock(self.name, version)
        in_use.acquire()
        _when_gone(self, in_use.release)
        if _is_complete(self.path, self.objects):
            return
        with self.lock():
            if not _is_complete(self.path, self.objects):
                self._build_pinned(version)

    def _build_pinned(self, version: str) -> None:
        self.versions_dir.mkdir(parents=True, exist_ok=True)
        for left_over in self.versions_dir.glob(".building-*"):
            shutil.rmtree(left_over)
        building = Path(tempfile.mkdtemp(dir=self.versions_dir, prefix=".building-"))
        building.chmod(0o755)
        database = self._open()
        with database.service() as session:
            files = self._write_tree(session, int(version[1:]), building)
        database.dispose()
        _put(building / COMPLETE_FILE, json.dumps(files).encode())
        if self.path.exists():
            shutil.rmtree(self.path)
        building.replace(self.path)
        log.info("built the workflows of revision %s again", version)

    def _open(self) -> Database:
        if self._database is None:
            self._database = (
                Database(self._database_url, pool_size=1) if self._database_url else Database.from_settings()
            )
            _when_gone(self, self._database.dispose)
        return self._database

    def _write_tree(self, session: Session, revision: int, root: Path) -> list[str]:
        """Write what differs, remove what is shown no more; return the paths of all files, relative to
        `root`.
        """
        root.mkdir(parents=True, exist_ok=True)
        rows = revisions.of_revision(session, revision)
        self._write_objects(session, {row.content_hash for row in rows})
        manifests = _manifests(rows)
        for stub, workflows in manifests.items():
            self._write_stub(root, stub, workflows)
        for old in set(_stubs(root)) - set(manifests):
            _remove_stub(root, old)
        return sorted(f"{stub}{suffix}" for stub in manifests for suffix in SUFFIXES)

    def _write_objects(self, session: Session, hashes: Iterable[str]) -> None:
        self.objects.mkdir(parents=True, exist_ok=True)
        missing = [content_hash for content_hash in hashes if not (self.objects / content_hash).exists()]
        if missing:
            for content_hash, definition in revisions.definitions(session, missing):
                _put(self.objects / content_hash, definition)

    def _write_stub(self, root: Path, stub: str, workflows: dict[str, Any]) -> None:
        org, name = stub.split("/")
        manifest = json.dumps(
            {"org": org, "objects": str(self.objects), "workflows": workflows}, sort_keys=True, indent=1
        )
        texts = (manifest, STUB.format(name=name), CHECK.format(name=name))
        files = {
            root / org / f"{name}{suffix}": text.encode()
            for suffix, text in zip(SUFFIXES, texts, strict=True)
        }
        if all(path.is_file() and path.read_bytes() == content for path, content in files.items()):
            return
        (root / org).mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            _put(path, content, modified=time.time() + MTIME_AHEAD)


def _when_gone(bundle: WorkflowBundle, close: Callable[[], None]) -> None:
    """Airflow never closes a bundle: it lets go of it."""
    weakref.finalize(bundle, close).atexit = False


def version_name(revision: int) -> str:
    return f"r{revision:07d}"


def stub_name(org: str, place: int) -> str:
    return f"{org}/w{place // WORKFLOWS_PER_STUB:02d}"


def _manifests(rows: Iterable[revisions.Shown]) -> dict[str, dict[str, Any]]:
    """Stub name → workflow slug → its versions, the newest first, as `{"version", "object"}`."""
    stubs: dict[str, dict[str, Any]] = {}
    for row in rows:
        workflows = stubs.setdefault(stub_name(row.org, row.place), {})
        workflows.setdefault(row.slug, []).append({"version": row.version, "object": row.content_hash})
    return stubs


def _stubs(root: Path) -> Iterable[str]:
    return (f"{path.parent.name}/{path.stem}" for path in root.glob("*/w*.json"))


def _remove_stub(root: Path, stub: str) -> None:
    for suffix in reversed(SUFFIXES):
        (root / f"{stub}{suffix}").unlink(missing_ok=True)


def _read_revision(root: Path) -> int | None:
    try:
        return int((root / REVISION_FILE).read_text())
    except (FileNotFoundError, ValueError):
        return None


def _is_complete(root: Path, objects: Path) -> bool:
    try:
        files = json.loads((root / COMPLETE_FILE).read_bytes())
    except FileNotFoundError:
        return False
    return objects.is_dir() and all((root / file).exists() for file in files)


def _put(path: Path, content: bytes, *, modified: float | None = None) -> None:
    """Write whole or not at all: a reader sees the old file or the new one."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_bytes(content)
    if modified is not None:
        os.utime(new, (modified, modified))
    new.replace(path)
