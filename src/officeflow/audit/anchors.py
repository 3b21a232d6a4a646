"""Anchors: heads of the chains, noted outside of the database that they are about.

Who empties the database, or puts an older copy of it back, cannot take along what was noted elsewhere: an
anchor names a record that must still be there. Each is sealed with the chain's key, so that none can be made
up. They are kept in files (`Folder`) and on the topic `audit.anchors`.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hmac
import json
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from officeflow import canonical_json
from officeflow.audit.chain import Head
from officeflow.errors import Unavailable

NAMES = ("org_id", "sequence", "mac", "at", "seal")


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head that an organization's chain had at a moment."""

    org_id: uuid.UUID
    head: Head
    at: dt.datetime

    def document(self, key: bytes) -> dict[str, Any]:
        """As JSON, sealed with the chain's key."""
        return {**self._content(), "seal": self._seal(key)}

    @classmethod
    def read(cls, document: Any, key: bytes) -> Anchor | None:
        """The anchor that `document` is; None where it is none, or its seal is not made with `key`."""
        if not isinstance(document, Mapping) or set(document) != set(NAMES):
            return None
        try:
            head = Head(int(document["sequence"]), bytes.fromhex(document["mac"]))
            anchor = cls(uuid.UUID(document["org_id"]), head, dt.datetime.fromisoformat(document["at"]))
            sealed = hmac.compare_digest(str(document["seal"]).encode(), anchor._seal(key).encode())
        except (TypeError, ValueError, AttributeError):
            return None
        return anchor if sealed else None

    def _content(self) -> dict[str, Any]:
        at = self.at.astimezone(dt.UTC).isoformat(timespec="seconds")
        return {
            "org_id": str(self.org_id),
            "sequence": self.head.sequence,
            "mac": self.head.mac.hex(),
            "at": at,
        }

    def _seal(self, key: bytes) -> str:
        return hmac.digest(key, canonical_json.encode({"what": "anchor", **self._content()}), "sha256").hex()


@dataclass(frozen=True, slots=True)
class Found:
    """The anchors of one organization that one place has, and how many lines or messages there are none of
    ours.
    """

    anchors: tuple[Anchor, ...]
    strange: int = 0

    @property
    def newest(self) -> Anchor | None:
        return max(self.anchors, key=lambda anchor: anchor.head.sequence, default=None)


class Folder:
    """A file per organization, mode 0600; `Unavailable` where it cannot be written or read.

    Lines are only ever added, so the files may be such that the kernel lets them grow alone (`chattr +a`).
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def file_of(self, org_id: uuid.UUID) -> Path:
        return self.path / f"{org_id}.anchors"

    def organizations(self) -> list[uuid.UUID]:
        """Those that it has a file of."""
        names = sorted(path.stem for path in self.path.glob("*.anchors"))
        return [uuid.UUID(name) for name in names if _is_uuid(name)]

    def add(self, anchor: Anchor, key: bytes) -> None:
        """Returning means that the line is on the disk."""
        line = json.dumps(anchor.document(key), separators=(",", ":")) + "\n"
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            number = os.open(
                self.file_of(anchor.org_id), os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600
            )
            with os.fdopen(number, "r+b", buffering=0) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                end = file.seek(0, os.SEEK_END)
                if end and os.pread(number, 1, end - 1) != b"\n":
                    line = "\n" + line  # a write that was cut off must not spoil this one
                file.write(line.encode())
                os.fsync(number)
        except OSError as error:
            hint = "make room, or correct the folder's rights"
            raise Unavailable(
                f"the anchor cannot be written to {self.path}: {error.strerror}", hint=hint
            ) from error

    def read(self, org_id: uuid.UUID, key: bytes) -> Found:
        """A last line that was not written to its end is passed over."""
        return found(self._lines(org_id), org_id, key)

    def _lines(self, org_id: uuid.UUID) -> Iterator[bytes]:
        try:
            content = self.file_of(org_id).read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise Unavailable(f"the anchors in {self.path} cannot be read: {error.strerror}") from error
        whole, _, _ = content.rpartition(b"\n")
        yield from whole.split(b"\n")


def found(texts: Iterable[bytes], org_id: uuid.UUID, key: bytes) -> Found:
    """The anchors of the organization among JSON texts."""
    anchors, strange = [], 0
    for text in texts:
        anchor = Anchor.read(_json(text), key)
        if anchor is not None and anchor.org_id == org_id:
            anchors.append(anchor)
        elif text.strip():
            strange += 1
    return Found(tuple(anchors), strange)


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
