"""The connector of Active Directory against a real domain controller, Samba's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from officeflow.connectors.active_directory.domain import sam_of
from officeflow.connectors.families import Capability
from officeflow.connectors.families.identity import AccountChange
from officeflow.errors import Conflict, ConnectorError, NotFound, Rejected, Unauthorized
from tests.connectors.contract import KEY
from tests.connectors.directory_basis import ADA
from tests.connectors.directory_contract import DirectoryContract
from tests.connectors.ldap_contract import LdapContract
from tests.connectors.ldap_faults import MODIFY, Fault, FaultyDirectory
from tests.counterparts.directory import BASE, PEOPLE, DirectoryServer
from tests.counterparts.samba import BinlessDomainController, DomainController

pytestmark = pytest.mark.integration


class TestActiveDirectory(DirectoryContract, LdapContract):
    new = replace(ADA, login="ada@acme.example")
    provider = "active_directory"

    @pytest.fixture
    def server(self, domain_controller: DomainController) -> DomainController:
        return domain_controller

    def login(self, name: str) -> str:
        return f"{name}@acme.example"

    def user(self, server: DirectoryServer, account: Any) -> str:
        return str(account.login)

    # ── what the connection below does alike at every directory ──

    @pytest.mark.long
    def test_whatever_breaks_when_the_error_says_whether_it_may_be_done(
        self, server: DirectoryServer, proxy: FaultyDirectory, ada: Any
    ) -> None:
        super().test_whatever_breaks_when_the_error_says_whether_it_may_be_done(server, proxy, ada)

    @pytest.mark.long
    def test_what_is_no_answer_ends(self, server: DirectoryServer, proxy: FaultyDirectory, ada: Any) -> None:
        super().test_what_is_no_answer_ends(server, proxy, ada)

    # ── what is Active Directory's own ──

    def test_an_account_is_disabled_until_it_has_a_password(
        self, server: DomainController, client: Any
    ) -> None:
        made = client.create_account(self.person(), key=KEY)
        assert (made.active, made.status) == (True, "must change the password")
        assert (made.groups, made.ruled_groups) == (("Domain Users",), ("Domain Users",))
        told = [(request["method"], set(request["attributes"])) for request in server.writes()]
        assert told[0][0] == "ADD"
        assert told[1:] == [
            ("MOD", {"unicodePwd"}),
            ("MOD", {"userAccountControl", "pwdLastSet", "adminDescription"}),
        ]
        entry = server.entry(
            f"CN=Ada Byron,{PEOPLE}", "userAccountControl", "sAMAccountName", "adminDescription"
        )
        assert entry == {"userAccountControl": ["512"], "sAMAccountName": ["ada"], "adminDescription": []}

    def test_an_account_can_be_made_suspended(self, server: DomainController, client: Any) -> None:
        assert not client.create_account(self.person(active=False), key=KEY).active
        assert (server.entry(f"CN=Ada Byron,{PEOPLE}") or {})["userAccountControl"] == ["514"]

    @pytest.mark.parametrize("step", [0, 1])
    def test_an_account_that_was_left_half_made_is_nobodys_and_is_gone_on_with(
        self, server: DomainController, proxy: FaultyDirectory, client: Any, step: int
    ) -> None:
        interrupted = self.through(server, proxy)
        proxy.fault(Fault("drop", frozenset({MODIFY}), spared=step))
        with pytest.raises(ConnectorError) as caught:
            interrupted.create_account(self.person(), key=KEY)
        interrupted.close()
        assert caught.value.maybe_done
        assert not caught.value.taken
        assert client.find_account(login=self.login("ada")) is None
        assert client.find_account(external_id="1001") is None
        assert client.find_accounts(email="ada@acme.example") == []
        with pytest.raises(Conflict):
            client.create_account(self.person(external_id="another"), key="d" * 64)
        assert client.create_account(self.person(), key=KEY).active
        assert len(server.people()) == 1

    def test_who_is_called_alike_gets_the_login_behind_the_name(
        self, server: DomainController, client: Any
    ) -> None:
        client.create_account(self.person(), key=KEY)
        client.create_account(self.person("ada2", external_id="2"), key=KEY)
        client.create_account(
            self.person("long", external_id="3", display_name="", given_name="A" * 64), key=KEY
        )
        names = {dn.partition(",")[0] for dn in server.people()}
        assert names == {"CN=Ada Byron", "CN=Ada Byron (ada2)", f"CN={'A' * 64}"}

    def test_logins_without_a_domain_mean_ours_and_long_ones_are_cut(self, client: Any) -> None:
        ada = client.create_account(self.person(login="ada"), key=KEY)
        assert ada.login == "ada@acme.example"
        assert client.find_account(login="ADA").id == ada.id
        long = f"{'bartholomew' * 3}@acme.example"
        made = client.create_account(self.person(login=long, external_id="2", display_name="B"), key=KEY)
        assert made.login == long
        with pytest.raises(Conflict, match="sAMAccountName"):
            client.create_account(
                self.person(login=f"{'bartholomew' * 4}@acme.example", external_id="3"), key=KEY
            )
        assert sam_of('a"b/c[d]:;=,+*?<>\\@x') == "a_b_c_d___________"

    def test_a_name_that_is_too_long_is_refused_and_leaves_nothing(
        self, server: DomainController, client: Any
    ) -> None:
        with pytest.raises(Rejected) as caught:
            client.create_account(self.person(display_name="x" * 300), key=KEY)
        assert not caught.value.maybe_done
        assert server.people() == {}

    def test_a_rename_gives_both_logins_and_keeps_the_old_address(
        self, server: DomainController, client: Any
    ) -> None:
        ada = client.create_account(
            self.person(display_name=None, given_name=None, family_name=None), key=KEY
        )
        renamed = client.rename_account(ada.id, "king@acme.example", keep_old=True, key=KEY)
        assert renamed.login == "king@acme.example"
        assert client.find_account(login="king").id == ada.id
        named = client.update_account(ada.id, AccountChange(display_name="Ada King"), key=KEY)
        assert named.display_name == "Ada King"
        (entry,) = server.people().values()
        assert entry["sAMAccountName"] == ["king"]

    def test_the_name_in_the_tree_follows_the_name_that_is_shown(
        self, server: DomainController, client: Any
    ) -> None:
        ada = client.create_account(self.person(), key=KEY)
        client.update_account(ada.id, AccountChange(display_name="Ada, Countess"), key=KEY)
        assert [dn.rpartition(",OU=People")[0] for dn in server.people()] == ["CN=Ada\\, Countess"]

    def test_other_bits_of_an_account_stay(self, server: DomainController, client: Any) -> None:
        ada = client.create_account(self.person(), key=KEY)
        dn = f"CN=Ada Byron,{PEOPLE}"
        with server.client() as administrator:
            administrator.modify(dn, {"userAccountControl": [("MODIFY_REPLACE", [str(512 | 0x10000)])]})
        client.set_active(ada.id, active=False, key=KEY)
        assert (server.entry(dn) or {})["userAccountControl"] == [str(514 | 0x10000)]
        client.set_active(ada.id, active=True, key=KEY)
        assert (server.entry(dn) or {})["userAccountControl"] == [str(512 | 0x10000)]

    def test_the_primary_group_is_left_alone(self, client: Any) -> None:
        ada = client.create_account(self.person(), key=KEY)
        assert client.set_groups(ada.id, [], key=KEY).groups == ("Domain Users",)
        with pytest.raises(Rejected, match="primary group"):
            client.remove_groups(ada.id, ["Domain Users"], key=KEY)

    def test_the_policys_refusal_is_known_by_its_code(self, client: Any) -> None:
        ada = client.create_account(self.person(), key=KEY)
        with pytest.raises(Rejected, match="0000052D") as caught:
            client.set_password(ada.id, "short", must_change=False, key=KEY)
        assert caught.value.status == 19

    def test_aliases_are_added_once_and_belong_to_one(self, client: Any) -> None:
        ada = client.create_account(self.person(), key=KEY)
        bob = client.create_account(
            self.person("bob", external_id="2", display_name="Bob", email=None), key=KEY
        )
        assert client.add_alias(ada.id, "countess@acme.example", key=KEY).aliases == (
            "countess@acme.example",
        )
        assert client.add_alias(ada.id, "COUNTESS@acme.example", key=KEY).aliases == (
            "countess@acme.example",
        )
        for taken in ("Countess@acme.example", "ada@acme.example"):
            with pytest.raises(Conflict):
                client.add_alias(bob.id, taken, key=KEY)
        assert [each.id for each in client.find_accounts(email="countess@acme.example")] == [ada.id]
        assert client.remove_alias(ada.id, "countess@ACME.example", key=KEY).aliases == ()
        assert client.remove_alias(ada.id, "nobody@acme.example", key=KEY).aliases == ()
        with pytest.raises(Rejected):
            client.add_alias(ada.id, "no address", key=KEY)

    def test_what_has_changed_is_told_once(self, server: DomainController, client: Any) -> None:
        ada = client.create_account(self.person(), key=KEY)
        bob = client.create_account(self.person("bob", external_id="2", display_name="Bob"), key=KEY)
        begin = client.changes_since(None)
        assert (begin.accounts, begin.deleted) == ((), ())
        assert begin.cursor.startswith("dirsync:")
        self.check_changes(client, begin.cursor, ada, bob)

    def test_without_the_right_to_replicate_changes_are_counted(
        self, client: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(type(client), "_dir_sync", refused)
        ada = client.create_account(self.person(), key=KEY)
        bob = client.create_account(self.person("bob", external_id="2", display_name="Bob"), key=KEY)
        begin = client.changes_since(None)
        assert begin.cursor.startswith("usn:")
        self.check_changes(client, begin.cursor, ada, bob)
        _, _, number = begin.cursor.rpartition(":")
        for unknown in ("usn:00000000-0000-4000-8000-000000000000:1", f"usn:{number}", "x", "dirsync:*"):
            with pytest.raises(Conflict, match="does not know the cursor"):
                client.changes_since(unknown)

    def test_a_user_like_others_follows_no_changes_and_sees_nobody_who_is_deleted(
        self, server: DomainController, client: Any
    ) -> None:
        ada = client.create_account(self.person(), key=KEY)
        client.set_password(ada.id, "Long-enough-for-anybody-1", must_change=False, key=KEY)
        user = self.open(self.connection(server, login=ada.login, password="Long-enough-for-anybody-1"))
        cursor = user.changes_since(None).cursor
        assert cursor.startswith("usn:")
        acts: tuple[Callable[[], object], ...] = (
            lambda: user.changes_since(cursor),
            lambda: user.find_deleted(login="ada"),
            lambda: user.set_groups(ada.id, ["Staff"], key=KEY),
            lambda: user.update_account(ada.id, AccountChange(title="x"), key=KEY),
        )
        for act in acts:
            with pytest.raises(Unauthorized) as caught:
                act()
            assert not caught.value.maybe_done
        user.close()

    def check_changes(self, client: Any, cursor: str, ada: Any, bob: Any) -> None:
        client.update_account(ada.id, AccountChange(title="Countess"), key=KEY)
        client.delete_account(bob.id, key=KEY)
        changes = client.changes_since(cursor)
        assert changes.complete
        assert [(each.id, each.title) for each in changes.accounts] == [(ada.id, "Countess")]
        assert changes.deleted == (bob.id,)
        after = client.changes_since(changes.cursor)
        assert (after.accounts, after.deleted) == ((), ())

    def test_who_is_in_the_recycle_bin_is_found_and_samba_keeps_them(self, client: Any) -> None:
        ada = client.create_account(self.person(), key=KEY)
        assert client.find_deleted(login=ada.login) == []
        client.delete_account(ada.id, key=KEY)
        for wanted in (
            {"login": ada.login},
            {"external_id": "1001"},
            {"login": "ada", "external_id": "1001"},
        ):
            (gone,) = client.find_deleted(**wanted)
            assert (gone.id, gone.login, gone.active) == (ada.id, ada.login, False)
            assert gone.deleted_at is not None
        assert client.find_deleted(login=ada.login, external_id="2") == []
        with pytest.raises(Rejected, match="out of its recycle bin"):
            client.restore_account(ada.id, key=KEY)
        with pytest.raises(NotFound):
            client.restore_account("00000000-0000-4000-8000-000000000000", key=KEY)
        client.create_account(self.person(), key="e" * 64)
        with pytest.raises(Conflict, match="taken again"):
            client.restore_account(ada.id, key=KEY)

    def test_a_tombstone_comes_back_with_its_id(
        self, binless_domain_controller: BinlessDomainController
    ) -> None:
        client = self.open(self.connection(binless_domain_controller))
        ada = client.create_account(self.person(), key=KEY)
        client.delete_account(ada.id, key=KEY)
        (gone,) = client.find_deleted(login=ada.login)
        back = client.restore_account(gone.id, key=KEY)
        client.close()
        assert (back.id, back.login) == (ada.id, "ada")
        assert back.unit.lower() == PEOPLE.lower()

    def test_the_rights_that_are_there_and_lacking_are_told(
        self, server: DomainController, client: Any
    ) -> None:
        client.create_account(self.person(), key=KEY)
        inside = self.open(self.connection(server, base=PEOPLE, unit="", groups=f"OU=Groups,{BASE}"))
        standing = inside.standing()
        inside.close()
        assert standing.who == server.service_account
        assert {
            Capability.CREATE_ACCOUNTS,
            Capability.SUSPEND_ACCOUNTS,
            Capability.KEEP_GROUPS,
        } <= standing.may
        assert standing.lacks == {}
        outside = self.open(self.connection(server, base=f"OU=Services,{BASE}", unit="", groups=BASE))
        lacks = outside.standing().lacks
        outside.close()
        assert "Create User objects" in lacks[Capability.CREATE_ACCOUNTS]
        assert "userAccountControl" in lacks[Capability.SUSPEND_ACCOUNTS]


def refused(self: Any, where: str, cookie: bytes, call: Any) -> Any:
    raise call.error(Rejected, "no right to replicate", status=50)
