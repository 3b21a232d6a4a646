"""An authority of a counterpart's own, and the certificate by which it is known at the names that it has."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files. Clients verify against `authority`."""

    authority: Path
    certificate: Path
    key: Path


def certificates(folder: Path, *names: str) -> Certificates:
    """Those of the folder; made for these names or addresses where it has none, and kept then."""
    files = Certificates(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    if not files.key.exists():
        _make(files, names)
    return files


def _make(files: Certificates, names: tuple[str, ...]) -> None:
    """The key is written last: with it all is there."""
    from trustme import CA

    authority = CA()
    issued = authority.issue_cert(*names)
    files.authority.write_bytes(authority.cert_pem.bytes())
    files.certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    partial = files.key.with_suffix(".partial")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as key:
        key.write(issued.private_key_pem.bytes())
    partial.replace(files.key)
