"""What has changed in Okta since somebody looked."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from officeflow.connectors.families.identity import AccountChange
from officeflow.connectors.okta.client import Okta
from officeflow.errors import Conflict
from tests.connectors.contract import KEY
from tests.connectors.okta_client import ANA, OktaCase
from tests.counterparts.okta import OktaServer

pytestmark = pytest.mark.integration

BO = replace(ANA, login="bo@acme.example", email="bo@acme.example")
LOGS = "/api/v1/logs"
LONG_AGO = "2020-01-01T00:00:00.000Z"


class TestChanges(OktaCase):
    def test_what_was_changed_and_deleted_is_told_once(self, okta: Okta) -> None:
        before = okta.create_account(ANA, key=KEY)
        begin = okta.changes_since(None)
        assert (begin.accounts, begin.deleted, begin.complete) == ((), (), True)
        first = okta.changes_since(begin.cursor)
        assert {each.id for each in first.accounts} <= {before.id}
        assert okta.changes_since(first.cursor).accounts == ()
        bo = okta.create_account(BO, key=KEY)
        okta.update_account(before.id, AccountChange(title="Lead"), key=KEY)
        okta.delete_account(bo.id, key=KEY)
        second = okta.changes_since(first.cursor)
        assert [(each.id, each.title) for each in second.accounts] == [(before.id, "Lead")]
        assert (second.deleted, second.complete) == ((bo.id,), True)
        assert okta.changes_since(second.cursor).accounts == ()

    def test_more_than_one_answer_holds_comes_in_the_next_ones(
        self, okta: Okta, okta_server: OktaServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Also behind a page that is empty."""
        monkeypatch.setattr("officeflow.connectors.okta.changes.AT_ONCE", 2)
        cursor = okta.changes_since(None).cursor
        made = {
            okta.create_account(replace(ANA, login=f"p{number}@acme.example"), key=KEY).id
            for number in range(3)
        }
        okta_server.add_faults({"hook": "empty_page", "method": "GET", "route": LOGS})
        found: set[str] = set()
        answers = 0
        complete = False
        while not complete:
            answer = okta.changes_since(cursor)
            found |= {each.id for each in answer.accounts}
            cursor, complete = answer.cursor, answer.complete
            answers += 1
        assert found >= made
        assert answers >= 3

    @pytest.mark.parametrize(
        "cursor",
        [
            "",
            "nonsense",
            urlencode({"since": LONG_AGO, "after": "", "at": LONG_AGO}),
            urlencode({"since": "2026-01-01", "after": "", "at": "2026-01-01"}),
            "made up",
        ],
    )
    def test_a_cursor_that_is_none_or_too_old_is_a_conflict(self, okta: Okta, cursor: str) -> None:
        with pytest.raises(Conflict):
            okta.changes_since(cursor)

    def test_a_place_that_okta_does_not_know_any_more_is_a_conflict(
        self, okta: Okta, okta_server: OktaServer
    ) -> None:
        cursor = okta.changes_since(None).cursor
        okta_server.add_faults(
            {"hook": "answer", "method": "GET", "route": LOGS, "status": 400, "code": "E0000029"}
        )
        with pytest.raises(Conflict):
            okta.changes_since(cursor)
