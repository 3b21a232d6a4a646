"""The LDAP connector against a real slapd."""

from __future__ import annotations

from contextlib import closing
from typing import Any, ClassVar

import pytest

from officeflow.connectors.families.identity import AccountChange
from officeflow.errors import (
    Conflict,
    InvalidInput,
    Rejected,
    Transient,
)
from tests.connectors.contract import KEY
from tests.connectors.directory_basis import ADA
from tests.connectors.directory_contract import PASSWORD, DirectoryContract
from tests.connectors.ldap_contract import LdapContract
from tests.connectors.ldap_faults import MODIFY, Fault, FaultyDirectory
from tests.counterparts.directory import BASE, PEOPLE, DirectoryServer, group
from tests.counterparts.slapd import LdapServer, PosixLdapServer

pytestmark = pytest.mark.integration


class TestLdap(DirectoryContract, LdapContract):
    new = ADA
    provider = "ldap"
    extra: ClassVar = ("group_class", "suspension", "id_attribute")

    @pytest.fixture
    def server(self, ldap_server: LdapServer) -> LdapServer:
        return ldap_server

    def login(self, name: str) -> str:
        return name

    def user(self, server: DirectoryServer, account: Any) -> str:
        return f"uid={account.login},{PEOPLE}"

    # ── what is a plain directory's own ──

    def test_one_request_makes_the_entry_and_no_password(self, server: LdapServer, client: Any) -> None:
        made = client.create_account(self.person(active=False), key=KEY)
        assert not made.active
        assert [request["method"] for request in server.writes()] == ["ADD"]
        entry = server.entry(f"uid=ada,{PEOPLE}")
        assert entry is not None
        assert entry["entryUUID"] == [made.id]
        assert "userPassword" not in entry

    def test_logins_of_any_kind_are_names_in_the_tree(self, client: Any) -> None:
        for number, text in enumerate(
            ['a,b"c+d<e>;f=g', "#x", "back\\slash", "*)(uid=*", "añó🎉", "שלום", "o'b"]
        ):
            made = client.create_account(self.person(text, external_id=f"{number}"), key=KEY)
            assert client.find_account(login=text).id == made.id
            client.set_groups(made.id, ["Staff"], key=KEY)
            renamed = client.rename_account(made.id, f"{text}2", keep_old=False, key=KEY)
            assert (renamed.login, renamed.groups) == (f"{text}2", ("Staff",))

    def test_the_last_member_of_a_group_stays(self, server: LdapServer, client: Any) -> None:
        ada = client.create_account(self.person(), key=KEY)
        client.set_groups(ada.id, ["Staff"], key=KEY)
        with server.client() as administrator:
            nobody = [("MODIFY_DELETE", [f"cn=nobody,{BASE}"])]
            administrator.modify(group("Staff"), {"member": nobody})
        with pytest.raises(Rejected, match="nobody else is in Staff") as caught:
            client.remove_groups(ada.id, ["Staff"], key=KEY)
        assert (caught.value.status, caught.value.maybe_done) == (65, False)

    def test_two_groups_of_one_name_are_told_apart_by_case_or_refused(
        self, server: LdapServer, client: Any
    ) -> None:
        with server.client() as administrator:
            for name in ("STAFF", "Sales"):
                nobody = {"member": f"cn=nobody,{BASE}"}
                administrator.add(f"cn={name},{PEOPLE}", ["groupOfNames"], nobody)
        assert [each.name for each in client.find_groups(["Staff", "STAFF"])] == ["Staff", "STAFF"]
        for name in ("staff", "Sales"):
            with pytest.raises(Conflict, match="2 groups"):
                client.find_groups([name])

    def test_a_group_of_thousands_is_not_read(self, server: LdapServer, client: Any) -> None:
        ada = client.create_account(self.person(), key=KEY)
        members = [f"uid=m{number},{PEOPLE}" for number in range(5000)]
        with server.client() as administrator:
            administrator.modify(group("Sales"), {"member": [("MODIFY_ADD", members)]})
        assert client.set_groups(ada.id, ["Sales"], key=KEY).groups == ("Sales",)
        assert client.set_groups(ada.id, [], key=KEY).groups == ()
        assert len(server.members("Sales")) == 5000

    def test_who_is_suspended_is_kept_out_while_a_password_is_set(
        self, server: LdapServer, proxy: FaultyDirectory, client: Any
    ) -> None:
        """slapd unlocks the account, and the line breaks before we lock it again."""
        ada = client.create_account(self.person(active=False), key=KEY)
        with closing(self.through(server, proxy)) as through:
            proxy.fault(Fault("drop", frozenset({MODIFY}), spared=1))
            with pytest.raises(Transient) as caught:
                through.set_password(ada.id, PASSWORD, must_change=False, key=KEY)
        assert caught.value.maybe_done
        entry = server.entry(self.user(server, ada)) or {}
        assert "pwdAccountLockedTime" not in entry
        assert not server.accepts(self.user(server, ada), PASSWORD)
        assert not client.get_account(ada.id).active
        assert not client.set_password(ada.id, f"{PASSWORD}-2", must_change=False, key=KEY).active
        assert not server.accepts(self.user(server, ada), f"{PASSWORD}-2")
        with pytest.raises(Rejected, match="constraintViolation"):
            client.set_password(ada.id, "short", must_change=False, key=KEY)
        assert "pwdStartTime" not in (server.entry(self.user(server, ada)) or {})
        assert client.set_active(ada.id, active=True, key=KEY).active
        assert server.accepts(self.user(server, ada), f"{PASSWORD}-2")

    def test_who_was_left_between_two_steps_can_be_let_in_again(
        self, server: LdapServer, proxy: FaultyDirectory, client: Any
    ) -> None:
        ada = client.create_account(self.person(active=False), key=KEY)
        with closing(self.through(server, proxy)) as through:
            proxy.fault(Fault("drop", frozenset({MODIFY}), spared=1))
            with pytest.raises(Transient):
                through.set_password(ada.id, PASSWORD, must_change=False, key=KEY)
        assert client.set_active(ada.id, active=True, key=KEY).active
        assert server.accepts(self.user(server, ada), PASSWORD)

    def test_a_directory_that_knows_no_beginning_is_locked_again_at_once(
        self, server: LdapServer, proxy: FaultyDirectory
    ) -> None:
        """OpenLDAP before 2.5 says so by its code."""
        with closing(self.through(server, proxy)) as client:
            ada = client.create_account(self.person(active=False), key=KEY)
            before = len(server.requests())
            proxy.fault(Fault("refuse", frozenset({MODIFY}), code=17))
            assert not client.set_password(ada.id, PASSWORD, must_change=False, key=KEY).active
        methods = [request["method"] for request in server.requests()[before:]]
        assert methods.index("MOD") == methods.index("PASSMOD") + 1
        assert not server.accepts(self.user(server, ada), PASSWORD)

    def test_what_is_referred_elsewhere_is_not_followed(self, server: LdapServer, client: Any) -> None:
        ada = client.create_account(self.person(), key=KEY)
        elsewhere = {"ou": "Elsewhere", "ref": "ldap://127.0.0.1:1/ou=Elsewhere,dc=other"}
        manage = ("2.16.840.1.113730.3.4.2", True, None)  # ManageDsaIT, RFC 3296
        with server.client() as administrator:
            administrator.add(
                f"ou=Elsewhere,{PEOPLE}", ["referral", "extensibleObject"], elsewhere, controls=[manage]
            )
        assert [account.id for account in client.list_accounts()] == [ada.id]
        with pytest.raises(Rejected, match="referrals are not followed") as caught:
            client.move_account(ada.id, "People/Elsewhere", key=KEY)
        assert caught.value.status == 10

    def test_further_addresses_stay(self, server: LdapServer, client: Any) -> None:
        ada = client.create_account(self.person(), key=KEY)
        with server.client() as administrator:
            administrator.modify(f"uid=ada,{PEOPLE}", {"mail": [("MODIFY_ADD", ["old@acme.example"])]})
        changed = client.update_account(ada.id, AccountChange(email="king@acme.example"), key=KEY)
        assert set(changed.emails) == {"old@acme.example", "king@acme.example"}

    def test_unique_names_and_posix_accounts(self, posix_ldap_server: PosixLdapServer) -> None:
        client = self.open(self.connection(posix_ldap_server, group_class="groupOfUniqueNames"))
        posix = {"uidNumber": "1001", "gidNumber": "100", "homeDirectory": "/home/ada"}
        ada = client.create_account(self.person(attributes=posix), key=KEY)
        assert {name: ada.attributes[name] for name in posix} == posix
        assert client.set_groups(ada.id, ["Staff"], key=KEY).groups == ("Staff",)
        with pytest.raises(Rejected) as caught:
            client.create_account(self.person("bob", attributes={"uidNumber": "1"}), key=KEY)
        assert caught.value.status == 65
        client.close()

    def test_posix_groups_hold_logins_which_follow_the_account(self, server: LdapServer) -> None:
        with server.client() as administrator:
            administrator.add(f"cn=wheel,ou=Groups,{BASE}", ["posixGroup"], {"gidNumber": "10"})
        client = self.open(self.connection(server, group_class="posixGroup"))
        ada = client.create_account(self.person(), key=KEY)
        assert client.set_groups(ada.id, ["wheel"], key=KEY).groups == ("wheel",)
        assert client.rename_account(ada.id, "king", keep_old=False, key=KEY).groups == ("wheel",)
        client.delete_account(ada.id, key=KEY)
        client.close()
        assert "memberUid" not in (server.entry(f"cn=wheel,ou=Groups,{BASE}") or {})

    def test_what_the_table_does_not_have_is_refused(self, server: LdapServer) -> None:
        for name in ("group_class", "suspension"):
            with pytest.raises(InvalidInput):
                self.open(self.connection(server, **{name: "other"}))
        client = self.open(self.connection(server, suspension="nsAccountLock"))
        ada = client.create_account(self.person(), key=KEY)
        with pytest.raises(Rejected, match="no way to let an account expire"):
            client.set_expiry(ada.id, None, key=KEY)
        with pytest.raises(Rejected) as caught:
            client.set_active(ada.id, active=False, key=KEY)
        assert caught.value.status == 17, "slapd does not know nsAccountLock"
        client.close()
