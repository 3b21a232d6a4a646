"""Opens a directory on paper for what every system can do."""

from __future__ import annotations

from tests.nodes.paper.connectors.paper.accounts import Creating, Deleting, Finding, Updating


class PlainPaper(Finding, Creating, Updating, Deleting):
    provider = "paper_plain"
