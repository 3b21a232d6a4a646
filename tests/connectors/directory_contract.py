"""What holds for every directory that speaks LDAP: plain ones and Active Directory, each a real one."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from contextlib import closing
from typing import Any

import pytest

from officeflow.connectors.families.identity import AccountChange, NewAccount
from officeflow.errors import (
    InvalidInput,
    NotFound,
    NothingHappened,
    Rejected,
)
from tests.connectors.contract import KEY
from tests.connectors.directory_basis import DirectoryBasis
from tests.counterparts.directory import BASE, GROUPS, LEAVERS, PEOPLE, DirectoryServer, group

PASSWORD = "Long-enough-for-anybody-1"
HOSTILE = [
    "*)(uid=*",
    "ada)(|(objectClass=*",
    "o'brien",
    'a,b"c+d<e>;f=g#h',
    "back\\slash\\2a",
    "*",
    "añó🎉",
    "שלום",
]


class DirectoryContract(DirectoryBasis):
    """`login` is how its accounts are called, for a name before the `@`."""

    # ── found, created, changed ──

    def test_an_account_is_made_and_found_as_it_was_given(self, server: DirectoryServer, client: Any) -> None:
        made = client.create_account(
            self.person(
                title="Analyst", department="Engines", phone="+44 1", attributes={"description": "First"}
            ),
            key=KEY,
        )
        assert (made.login, made.external_id, made.active, made.locked) == (
            self.login("ada"),
            "1001",
            True,
            False,
        )
        assert (made.given_name, made.family_name, made.display_name) == ("Ada", "Byron", "Ada Byron")
        assert (made.title, made.department, made.phone) == ("Analyst", "Engines", "+44 1")
        assert made.attributes["description"] == "First"
        assert made.unit.lower() == PEOPLE.lower()
        assert made.created_at is not None
        assert client.find_account(login=made.login.upper(), external_id="1001") == made
        assert client.get_account(made.id) == made
        assert [each.id for each in client.find_accounts(email="ADA@acme.example")] == [made.id]
        assert [each.id for each in client.find_accounts(employee_number="1001")] == [made.id]
        assert client.find_account(login=made.login, external_id="1002") is None
        assert client.find_accounts() == []
        with pytest.raises(Rejected):
            client.find_account()
        (entry,) = server.people().values()
        assert entry["mail"] == ["ada@acme.example"]

    def test_a_login_that_differs_in_an_accent_is_another(self, ada: Any, client: Any) -> None:
        accented = client.create_account(self.person("adá", external_id="3", display_name="Adá"), key=KEY)
        assert client.find_account(login=self.login("ADÁ")).id == accented.id != ada.id

    def test_what_is_no_id_is_nobodys(self, server: DirectoryServer, client: Any) -> None:
        for wrong in (self.nobody, "*", "no id", ""):
            with pytest.raises(NotFound):
                client.get_account(wrong)
            with pytest.raises(NotFound):
                client.set_active(wrong, active=False, key=KEY)
        assert server.writes() == []

    def test_blanks_and_what_no_text_holds_find_nobody_and_no_text_a_unit(
        self, ada: Any, client: Any
    ) -> None:
        for text in (" ada", "ada ", "a\0b", "x" * 300):
            assert client.find_account(login=text) is None
            assert client.find_account(external_id=text) is None
            assert client.find_accounts(email=text) == []
            assert client.find_groups([text]) == []
        assert {client.find_unit(text) for text in (*HOSTILE, " ada", "ada ", "a\0b", "x" * 300)} == {None}

    def test_names_of_any_kind_stay_names(self, server: DirectoryServer, client: Any) -> None:
        """In the tree, in groups and in manager's names too."""
        boss = client.create_account(self.person("boss", external_id="0"), key=KEY)
        for number, text in enumerate([*HOSTILE, " spaces ", "#hash"]):
            wanted = self.person(f"p{number}", external_id=f"x{number}", display_name=text, given_name=text)
            made = client.create_account(wanted, key=KEY)
            assert (made.display_name, made.given_name) == (text, text)
            client.set_groups(made.id, ["Staff"], key=KEY)
            client.set_manager(made.id, boss.id, key=KEY)
            found = client.find_account(login=made.login)
            assert (found.id, found.manager_id) == (made.id, boss.id)
            assert "Staff" in found.groups
        assert len(server.members("Staff")) == number + 1

    def test_logins_that_are_no_names_are_refused_before_anything_is_sent(
        self, server: DirectoryServer, client: Any
    ) -> None:
        for text in (" ada", "ada ", "a\0b", "a\nb", "a\u202eb"):
            with pytest.raises(Rejected):
                client.create_account(NewAccount(login=text), key=KEY)
        with pytest.raises(Rejected, match="NUL in"):
            client.create_account(self.person(given_name="A\0da"), key=KEY)
        with pytest.raises(Rejected, match="no attribute userPassword"):
            client.create_account(self.person(attributes={"userPassword": "x"}), key=KEY)
        assert server.writes() == []

    def test_only_what_is_given_is_changed(self, server: DirectoryServer, ada: Any, client: Any) -> None:
        before = len(server.writes())
        changed = client.update_account(
            ada.id, AccountChange(title="Countess", email="", attributes={"description": "x"}), key=KEY
        )
        assert (changed.title, changed.email, changed.given_name) == ("Countess", None, "Ada")
        assert changed.attributes["description"] == "x"
        (write,) = server.writes()[before:]
        assert write["method"] == "MOD"
        assert {name.lower() for name in write["attributes"]} == {"title", "mail", "description"}
        assert client.update_account(ada.id, AccountChange(title="Countess"), key=KEY) == changed
        assert len(server.writes()) == before + 1
        with pytest.raises(Rejected, match="no attribute"):
            client.update_account(ada.id, AccountChange(attributes={"objectClass": "top"}), key=KEY)

    def test_an_account_is_renamed_and_keeps_its_id_and_its_groups(self, ada: Any, client: Any) -> None:
        client.set_groups(ada.id, ["Staff"], key=KEY)
        renamed = client.rename_account(ada.id, self.login("ada.king"), keep_old=False, key=KEY)
        assert (renamed.id, renamed.login) == (ada.id, self.login("ada.king"))
        assert "Staff" in renamed.groups
        assert client.find_account(login=self.login("ada")) is None

    def test_an_account_moves_with_its_groups(self, server: DirectoryServer, ada: Any, client: Any) -> None:
        client.set_groups(ada.id, ["Staff"], key=KEY)
        assert client.find_unit("Leavers").lower() == LEAVERS.lower()
        assert client.find_unit(f"ou=leavers, {BASE}").lower() == LEAVERS.lower()
        for missing in ("Nowhere", "ou=x,dc=other,dc=example", f"cn=Staff,{GROUPS}"):
            with pytest.raises(NotFound, match="there is no unit"):
                client.move_account(ada.id, missing, key=KEY)
        moved = client.move_account(ada.id, "Leavers", key=KEY)
        assert (moved.id, moved.unit.lower()) == (ada.id, LEAVERS.lower())
        assert "Staff" in moved.groups
        assert len(server.members("Staff")) == 1
        before = len(server.writes())
        assert client.move_account(ada.id, LEAVERS, key=KEY) == moved
        assert len(server.writes()) == before

    def test_nobody_is_above_themselves(self, ada: Any, client: Any) -> None:
        bob = client.create_account(self.person("bob", external_id="2", display_name="Bob"), key=KEY)
        assert client.set_manager(bob.id, ada.id, key=KEY).manager_id == ada.id
        for below in (ada, bob):
            with pytest.raises(Rejected, match="cannot be the manager"):
                client.set_manager(ada.id, below.id, key=KEY)
        with pytest.raises(NotFound, match="to be the manager"):
            client.set_manager(bob.id, self.nobody, key=KEY)
        assert client.set_manager(bob.id, None, key=KEY).manager_id is None

    def test_who_is_deleted_is_gone_from_everywhere(
        self, server: DirectoryServer, ada: Any, client: Any
    ) -> None:
        client.set_groups(ada.id, ["Staff", "Engineering"], key=KEY)
        client.delete_account(ada.id, key=KEY)
        again = client.create_account(self.person(), key="c" * 64)
        assert not {"Staff", "Engineering"} & set(again.groups)

    # ── signing in ──

    def test_who_is_suspended_does_not_sign_in_also_with_a_new_password(
        self, server: DirectoryServer, ada: Any, client: Any
    ) -> None:
        client.set_password(ada.id, PASSWORD, must_change=False, key=KEY)
        user = self.user(server, ada)
        assert server.accepts(user, PASSWORD)
        suspended = client.set_active(ada.id, active=False, key=KEY)
        assert (suspended.active, suspended.status) == (False, "suspended")
        assert not server.accepts(user, PASSWORD)
        assert not client.set_password(ada.id, f"{PASSWORD}-2", must_change=False, key=KEY).active
        assert not server.accepts(user, f"{PASSWORD}-2")
        assert client.set_active(ada.id, active=True, key=KEY).active
        assert server.accepts(user, f"{PASSWORD}-2")

    @abstractmethod
    def user(self, server: DirectoryServer, account: Any) -> str:
        """What the account signs in with."""

    def test_a_password_that_the_policy_does_not_take_is_refused_and_nowhere_told(
        self, ada: Any, client: Any
    ) -> None:
        with pytest.raises(Rejected) as caught:
            client.set_password(ada.id, "shrt-9", must_change=False, key=KEY)
        assert not caught.value.maybe_done
        assert "policy" in caught.value.hint
        chain: BaseException | None = caught.value
        while chain is not None:
            assert "shrt-9" not in f"{chain}{chain!r}{vars(chain)}"
            chain = chain.__cause__ or chain.__context__
        assert client.password_rules().shortest >= 12
        told = client.set_password(ada.id, PASSWORD, must_change=True, key=KEY).status
        assert told == "must change the password"
        assert client.set_password(ada.id, f"{PASSWORD}-2", must_change=False, key=KEY).status is None

    def test_who_is_locked_is_unlocked(self, server: DirectoryServer, ada: Any, client: Any) -> None:
        client.set_password(ada.id, PASSWORD, must_change=False, key=KEY)
        user = self.user(server, ada)
        assert not any(server.accepts(user, "wrong") for _ in range(4))
        locked = client.get_account(ada.id)
        assert (locked.locked, locked.active, locked.status) == (True, True, "locked")
        assert not client.unlock_account(ada.id, key=KEY).locked
        assert server.accepts(user, PASSWORD)
        before = len(server.writes())
        client.unlock_account(ada.id, key=KEY)
        assert len(server.writes()) == before

    def test_an_account_ends_at_its_moment(self, server: DirectoryServer, ada: Any, client: Any) -> None:
        client.set_password(ada.id, PASSWORD, must_change=False, key=KEY)
        later = dt.datetime(2099, 12, 31, 23, 0, tzinfo=dt.timezone(dt.timedelta(hours=1)))
        assert client.set_expiry(ada.id, later, key=KEY).expires_at == later
        assert server.accepts(self.user(server, ada), PASSWORD)
        past = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
        assert client.set_expiry(ada.id, past, key=KEY).expires_at == past
        assert not server.accepts(self.user(server, ada), PASSWORD)
        assert client.set_expiry(ada.id, None, key=KEY).expires_at is None
        assert server.accepts(self.user(server, ada), PASSWORD)

    # ── groups ──

    def test_an_account_is_in_exactly_the_groups_that_are_named(self, ada: Any, client: Any) -> None:
        ruled = set(ada.ruled_groups)
        first = client.set_groups(ada.id, ["staff", "Sales"], key=KEY)
        assert set(first.groups) == {"Staff", "Sales"} | ruled
        second = client.set_groups(ada.id, ["Sales", "Platform", *ruled], key=KEY)
        assert set(second.groups) == {"Sales", "Platform"} | ruled
        third = client.remove_groups(ada.id, ["sales", "Staff", "Nowhere"], key=KEY)
        assert set(third.groups) == {"Platform"} | ruled
        assert [group.name for group in client.find_groups(["STAFF", "Nowhere"])] == ["Staff"]

    def test_whose_account_is_moved_at_the_same_moment_is_in_no_group_by_the_old_name(
        self, server: DirectoryServer, ada: Any, client: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client.add_groups(ada.id, ["Staff"], key=KEY)
        modify, other = client._session.modify, self.open(self.connection(server))

        def moved_first(*arguments: Any) -> Any:
            monkeypatch.setattr(client._session, "modify", modify)
            other.move_account(ada.id, LEAVERS, key=KEY)
            return modify(*arguments)

        monkeypatch.setattr(client._session, "modify", moved_first)
        with closing(other), pytest.raises(NothingHappened, match="by now"):
            client.set_groups(ada.id, ["Sales"], key=KEY)
        assert set(client.set_groups(ada.id, ["Sales"], key=KEY).groups) == {"Sales", *ada.ruled_groups}
        (member,) = server.members("Sales")
        assert member.endswith(LEAVERS.lower())
        assert server.members("Staff") == set()

    def test_a_group_and_an_account_that_are_gone_before_anything_is_written_are_not_there(
        self, server: DirectoryServer, ada: Any, client: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing has to be looked for: the act may be tried again as if for the first time."""
        modify, other = client._session.modify, self.open(self.connection(server))

        def gone_first(*arguments: Any) -> Any:
            monkeypatch.setattr(client._session, "modify", modify)
            other.delete_account(ada.id, key=KEY)
            with server.client() as direct:
                direct.delete(group("Sales"))
            return modify(*arguments)

        monkeypatch.setattr(client._session, "modify", gone_first)
        with closing(other), pytest.raises(NotFound) as caught:
            client.set_groups(ada.id, ["Sales"], key=KEY)
        assert not caught.value.taken
        assert not caught.value.maybe_done

    def test_a_group_of_a_group_is_not_taken_for_ones_own(
        self, server: DirectoryServer, ada: Any, client: Any
    ) -> None:
        client.set_groups(ada.id, ["Platform"], key=KEY)
        assert "Engineering" not in client.get_account(ada.id).groups
        before = len(server.writes())
        with pytest.raises(Rejected, match="only by way of Platform"):
            client.remove_groups(ada.id, ["Engineering"], key=KEY)
        assert len(server.writes()) == before

    # ── lists ──

    def test_a_list_goes_to_its_end_and_has_everybody_once(
        self, ada: Any, client: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("officeflow.connectors.directory.session.PAGE_SIZE", 2)
        for number in range(4):
            made = client.create_account(self.person(f"p{number}", external_id=f"x{number}"), key=KEY)
            client.set_manager(made.id, ada.id, key=KEY)
        listed = []
        for account in client.list_accounts():
            assert client.get_account(account.id).id == account.id, "others are asked for in between"
            listed.append(account)
        logins = [account.login for account in listed]
        assert {self.login(name) for name in ("ada", "p0", "p1", "p2", "p3")} <= set(logins)
        assert len(logins) == len(set(logins))
        assert [account.manager_id for account in listed].count(ada.id) == 4

    def test_accounts_of_a_shared_directory_are_told_apart(
        self, server: DirectoryServer, ada: Any, client: Any
    ) -> None:
        ours = self.open(self.connection(server, mark="acme"))
        assert ours.find_account(external_id="1001") is None
        assert ours.get_account(ada.id).foreign
        made = ours.create_account(self.person("bob", external_id="1", display_name="Bob"), key=KEY)
        ours.close()
        assert (made.external_id, made.foreign) == ("1", False)
        assert client.find_account(external_id="acme:1").id == made.id

    def test_fields_that_do_not_fit_together_are_named(self, server: DirectoryServer) -> None:
        for options in (
            {"security": "none"},
            {"base": "acme.example"},
            {"password": None},
            {"groups": "x"},
            {"identity": "x)(uid=*"},
            {"attributes": "company, unicodePwd"},
        ):
            with pytest.raises(InvalidInput):
                self.open(self.connection(server, **options))
        client = self.open(self.connection(server, base=f"ou=Nowhere,{BASE}"))
        with pytest.raises(NotFound, match="Nowhere"):
            client.check()
        client.close()
