"""What has changed: https://learn.microsoft.com/graph/delta-query-overview."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from officeflow.connectors.call import Call
from officeflow.connectors.entra import attributes, batch
from officeflow.connectors.entra.base import MANAGER, Tenant
from officeflow.connectors.entra.errors import valid
from officeflow.connectors.entra.graph import Page, Read, segment
from officeflow.connectors.entra.types import Reference
from officeflow.connectors.entra.user import User
from officeflow.connectors.families.identity import Account, Changes, FollowsChanges
from officeflow.errors import Conflict, ConnectorError, NotFound, Rejected

DELTA = "users/delta"
MOST_PAGES = 20
"""So many pages of changes are read for one answer."""


class Following(Tenant, FollowsChanges):
    def changes_since(self, cursor: str | None) -> Changes:
        call = self.call("changes_since")
        if cursor is None:
            options = {"$select": attributes.selected(self.settings), "$deltatoken": "latest"}
            answer = self.graph.answer(Read(path=DELTA, params=options), call)
            page = self.graph.model_of(answer, Page, call)
            return Changes(accounts=(), deleted=(), cursor=_link(page, call))
        changed, deleted, page = self._changes(cursor, call)
        accounts, gone = self._whole(changed, call)
        return Changes(
            accounts=tuple(accounts),
            deleted=tuple(dict.fromkeys((*deleted, *gone))),
            cursor=_link(page, call),
            complete=page.delta is not None,
        )

    def _changes(self, cursor: str, call: Call) -> tuple[list[str], list[str], Page]:
        """Ids of those that changed and that were deleted, and the last page read."""
        here = urlsplit(self.graph.address(DELTA)).path
        if urlsplit(cursor).path.removesuffix("()") != here:
            raise call.error(Conflict, "the cursor is none of Entra's: everything has to be listed again")
        last: dict[str, bool] = {}
        address, seen = cursor, set[str]()
        for _ in range(MOST_PAGES):
            try:
                page = self.graph.page(address, call)
            except ConnectorError as error:
                if error.status == 410:
                    raise call.error(
                        Conflict,
                        "the cursor is too old: everything has to be listed again",
                        status=error.status,
                    ) from error
                raise
            for each in page.value:
                last[valid(Reference, each, call).id] = "@removed" in each
            if page.delta is not None:
                break
            seen.add(address)
            address = _link(page, call)
            if address in seen:
                raise call.error(Rejected, "the changes have no end: a page of them comes again")
        return [each for each in last if not last[each]], [each for each in last if last[each]], page

    def _whole(self, ids: Sequence[str], call: Call) -> tuple[list[Account], list[str]]:
        """The accounts as they are now, since a change may come without what has not changed; and ids of
        those that are gone meanwhile.
        """
        params = {"$select": attributes.selected(self.settings), "$expand": MANAGER}
        reads = [Read(path=f"users/{segment(each)}", params=params) for each in ids]
        accounts, gone = [], []
        for identifier, answer in zip(ids, batch.answers(self.graph, reads, call), strict=True):
            try:
                accounts.append(self.graph.model_of(answer, User, call).account(self.settings))
            except NotFound:
                gone.append(identifier)
        return accounts, gone


def _link(page: Page, call: Call) -> str:
    link = page.delta or page.next
    if link is None:
        raise call.contradiction("its changes have neither a next page nor an end")
    return link
