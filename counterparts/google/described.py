"""Google's own description of the APIs that are played."""

from __future__ import annotations

from counterparts.vendors.discovery import Discovery, documents

DOCUMENTS = (
    "admin.directory_v1", "admin.datatransfer_v1", "cloudidentity.v1", "groupssettings.v1", "licensing.v1",
)  # fmt: skip


def description() -> Discovery | None:
    """None where the package with the documents is not installed."""
    folder = documents()
    return None if folder is None else Discovery(folder / f"{name}.json" for name in DOCUMENTS)
