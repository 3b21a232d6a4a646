"""Accounts of a tenant renamed, suspended, deleted, brought back; their managers; changes since."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from officeflow.connectors.families.identity import AccountChange, NewAccount
from officeflow.errors import Conflict, NotFound, NothingHappened, Rejected
from tests.connectors.contract import KEY
from tests.connectors.entra import ANA, NOBODY, opened
from tests.counterparts.entra import EntraServer, login

pytestmark = pytest.mark.integration


@pytest.fixture
def client(entra_server: EntraServer) -> Iterator[Any]:
    with opened(entra_server) as client:
        yield client
    assert entra_server.problems() == []


class TestRenaming:
    def test_the_old_login_stays_an_address_where_it_was_one(
        self, entra_server: EntraServer, client: Any
    ) -> None:
        made = client.create_account(ANA, key=KEY)
        renamed = client.rename_account(made.id, login("ana.lopez"), keep_old=True, key=KEY)
        assert (renamed.login, renamed.email) == (login("ana.lopez"), login("ana.lopez"))
        assert renamed.aliases == (ANA.login,)
        assert entra_server.user(ANA.login) is None

    def test_an_address_that_is_not_to_stay_is_refused_since_none_can_be_taken_away(
        self, entra_server: EntraServer, client: Any
    ) -> None:
        made = client.create_account(ANA, key=KEY)
        before = len(entra_server.writes())
        with pytest.raises(Rejected, match="takes no address away"):
            client.rename_account(made.id, login("lopez"), keep_old=False, key=KEY)
        assert len(entra_server.writes()) == before

    def test_a_login_without_mail_is_simply_another(self, client: Any) -> None:
        made = client.create_account(NewAccount(login=login("b")), key=KEY)
        renamed = client.rename_account(made.id, login("c"), keep_old=False, key=KEY)
        assert (renamed.login, renamed.email, renamed.aliases) == (login("c"), None, ())
        assert client.rename_account(made.id, login("C"), keep_old=False, key=KEY).login == login("C")


class TestClosing:
    def test_suspending_and_back(self, entra_server: EntraServer, client: Any) -> None:
        made = client.create_account(ANA, key=KEY)
        assert client.set_active(made.id, active=False, key=KEY).active is False
        assert entra_server.sign_in(ANA.login) == 50057
        assert client.set_active(made.id, active=True, key=KEY).active is True

    def test_a_suspension_that_is_seen_late_is_waited_for(self, entra_server: EntraServer) -> None:
        with opened(entra_server, settle=5) as client:
            made = client.create_account(ANA, key=KEY)
            entra_server.add_faults(
                {"hook": "lag", "method": "PATCH", "route": "/v1.0/users/{id}", "reads": 2}
            )
            assert client.set_active(made.id, active=False, key=KEY).active is False

    def test_a_deleted_account_comes_back_with_its_id(self, client: Any) -> None:
        made = client.create_account(ANA, key=KEY)
        client.delete_account(made.id, key=KEY)
        assert client.find_account(login=ANA.login) is None
        [deleted] = client.find_deleted(login=ANA.login.upper(), external_id="1001")
        assert (deleted.id, deleted.login, deleted.active) == (made.id, ANA.login, False)
        assert deleted.deleted_at is not None
        assert list(client.find_deleted(external_id="1002")) == []
        back = client.restore_account(made.id, key=KEY)
        assert (back.id, back.login, back.external_id) == (made.id, ANA.login, "1001")
        for gone in (made.id, NOBODY):
            with pytest.raises(NotFound):
                client.restore_account(gone, key=KEY)

    def test_a_login_that_is_taken_again_keeps_the_deleted_one_away(self, client: Any) -> None:
        made = client.create_account(ANA, key=KEY)
        client.delete_account(made.id, key=KEY)
        client.create_account(NewAccount(login=ANA.login), key=KEY)
        with pytest.raises(Conflict) as caught:
            client.restore_account(made.id, key=KEY)
        assert not caught.value.maybe_done

    def test_a_yes_to_a_deletion_is_looked_into(self, entra_server: EntraServer, client: Any) -> None:
        made = client.create_account(ANA, key=KEY)
        entra_server.add_faults({"hook": "nothing", "method": "DELETE", "route": "/v1.0/users/{id}"})
        with pytest.raises(NothingHappened):
            client.delete_account(made.id, key=KEY)


class TestManagers:
    def test_a_manager_is_set_and_taken_away(self, client: Any) -> None:
        ana = client.create_account(ANA, key=KEY)
        bob = client.create_account(NewAccount(login=login("bob")), key=KEY)
        assert client.set_manager(ana.id, bob.id, key=KEY).manager_id == bob.id
        assert client.set_manager(bob.id, ana.id, key=KEY).manager_id == ana.id, "a circle"
        assert {each.login: each.manager_id for each in client.list_accounts()}[ANA.login] == bob.id
        assert client.set_manager(ana.id, None, key=KEY).manager_id is None
        assert client.set_manager(ana.id, None, key=KEY).manager_id is None

    def test_who_is_not_there_is_named(self, client: Any) -> None:
        ana = client.create_account(ANA, key=KEY)
        with pytest.raises(NotFound, match=f"{NOBODY} to be the manager"):
            client.set_manager(ana.id, NOBODY, key=KEY)
        with pytest.raises(NotFound, match=f"no account {NOBODY}"):
            client.set_manager(NOBODY, ana.id, key=KEY)


class TestChanges:
    def test_changes_are_whole_accounts_and_ids_of_deleted_ones(self, client: Any) -> None:
        ana = client.create_account(ANA, key=KEY)
        begin = client.changes_since(None)
        assert (begin.accounts, begin.deleted, begin.complete) == ((), (), True)
        bob = client.create_account(NewAccount(login=login("bob")), key=KEY)
        gone = client.create_account(NewAccount(login=login("gone")), key=KEY)
        client.update_account(ana.id, AccountChange(title="Chief"), key=KEY)
        client.delete_account(gone.id, key=KEY)
        changes = client.changes_since(begin.cursor)
        assert {each.id: each.title for each in changes.accounts} == {ana.id: "Chief", bob.id: None}
        assert changes.deleted == (gone.id,)
        again = client.changes_since(changes.cursor)
        assert (again.accounts, again.deleted, again.complete) == ((), (), True)

    def test_an_empty_page_in_the_middle_ends_nothing(self, entra_server: EntraServer, client: Any) -> None:
        cursor = client.changes_since(None).cursor
        client.create_account(ANA, key=KEY)
        entra_server.add_faults({"hook": "empty_page", "method": "GET", "route": "/v1.0/users/delta"})
        assert [each.login for each in client.changes_since(cursor).accounts] == [ANA.login]

    def test_a_page_that_comes_again_is_refused(self, entra_server: EntraServer, client: Any) -> None:
        cursor = client.changes_since(None).cursor
        client.create_account(ANA, key=KEY)
        entra_server.add_faults(
            {"hook": "repeated_page", "method": "GET", "route": "/v1.0/users/delta", "times": None}
        )
        with pytest.raises(Rejected, match="again"):
            client.changes_since(cursor)

    def test_a_cursor_that_is_too_old_or_none_is_a_conflict(
        self, entra_server: EntraServer, client: Any
    ) -> None:
        cursor = client.changes_since(None).cursor
        entra_server.control("POST", "expire_delta")
        with pytest.raises(Conflict):
            client.changes_since(cursor)
        for other in ("yesterday", f"{entra_server.url}/v1.0/users?$top=1"):
            with pytest.raises(Conflict):
                client.changes_since(other)
