"""What holds for every connector that keeps accounts, whatever it speaks.

A test module lists it before the contract of the protocol: `class TestOkta(IdentityContract,
ReadingBackContract)`. What its system cannot do, by its declaration, is left out.
"""

from __future__ import annotations

import functools
import itertools
from abc import abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from officeflow.connectors.families import Capability, Family, capabilities_of
from officeflow.connectors.families.identity import Account, AccountChange, NewAccount
from officeflow.connectors.providers import provider
from officeflow.errors import Conflict, ConnectorError, NotFound, NothingHappened, Rejected, Transient
from tests.connectors.contract import KEY, ConnectorContract, address_where_nobody_listens, tried
from tests.counterparts.process import free_port

NAMES = (
    "Zoe\u0308 “Zed” O'Brien",
    'back\\slash "quoted"',
    "*)(uid=*))(|(uid=*",
    "عَبْد الله",
    "李 小龍 🎉",
    "=1+1, #x; <y> & z",
)
HOSTILE = (
    "o'brien",
    'x" or userName pr or "" eq "',
    "x' or 'a' eq 'a",
    "*",
    "*)(objectClass=*",
    "a\\b%00c?d#e&f=g/../h",
    "ñandú 🎉",
)
QUOTED = 'o\'1 "ñ" *'
"""An identity with all that ends a text somewhere."""
DESCRIBING = ("given_name", "family_name", "display_name", "title", "department", "location")
Find = Callable[[Any, str], Any]
SINGLE: Mapping[Capability, Find] = {
    Capability.KEEP_ROLES: lambda client, value: client.find_role(value),
    Capability.ASSIGN_APPLICATIONS: lambda client, value: client.find_application(value),
    Capability.KEEP_LICENCES: lambda client, value: client.find_licence(value),
    Capability.MOVE_UNITS: lambda client, value: client.find_unit(value),
}
SEVERAL: Mapping[Capability, Find] = {
    Capability.FIND_ACCOUNTS: lambda client, value: client.find_accounts(email=value),
    Capability.KEEP_GROUPS: lambda client, value: client.find_groups([value]),
    Capability.RESTORE_ACCOUNTS: lambda client, value: [
        *client.find_deleted(login=value),
        *client.find_deleted(external_id=value),
    ],
    Capability.CONFIGURE_APPLICATIONS: lambda client, value: client.applications_named(value),
    Capability.TRUST_PROVIDERS: lambda client, value: client.trusts_named(value),
}
"""What looks for something by a name."""
MEETING: Mapping[Capability, Callable[[Any, str, str], object]] = {
    Capability.KEEP_GROUPS: lambda client, account, value: client.set_groups(account, [value], key=KEY),
    Capability.SET_MANAGERS: lambda client, account, value: client.set_manager(account, value, key=KEY),
    Capability.ASSIGN_APPLICATIONS: lambda client, account, value: client.assign_application(
        account, value, key=KEY
    ),
    Capability.KEEP_LICENCES: lambda client, account, value: client.assign_licence(account, value, key=KEY),
    Capability.MOVE_UNITS: lambda client, account, value: client.move_account(account, value, key=KEY),
    Capability.SUSPEND_ACCOUNTS: lambda client, _, value: client.set_active(value, active=False, key=KEY),
    Capability.DELETE_ACCOUNTS: lambda client, _, value: client.delete_account(value, key=KEY),
}
"""What is done to an account with something that is called by a value, or to the account of that id."""


T = TypeVar("T", bound=Callable[..., Any])


def needs(capability: Capability) -> Callable[[T], T]:
    """Marks a test that is about something that not every system can do."""

    def marked(test: T) -> T:
        vars(test)["needs"] = capability
        return test

    return marked


class IdentityContract(ConnectorContract):
    """`new` is an account that the system takes, and has not."""

    new: NewAccount
    nobody = "00000000-0000-4000-8000-000000000000"
    """An id of the system's kind that nobody has."""
    group = "Staff"
    """A group that is there, where there are groups."""
    injecting: tuple[str, ...] = ()
    """What would end a text in this system's own language of searches, or a part of an address."""
    unsearchable: frozenset[str] = frozenset()
    """Signs that a search for an identity has no way to hold; one with them is refused."""
    longest = 300
    """Characters of a first name; fewer where the counterpart calls more a problem of the request."""

    @abstractmethod
    def several_pages(self, server: Any) -> AbstractContextManager[tuple[Any, set[str]]]:
        """A client for a directory whose list of accounts has three pages or more, an empty one among them,
        and the logins of all that are in there.
        """

    @abstractmethod
    def found_twice(self, server: Any) -> AbstractContextManager[tuple[Any, dict[str, str]]]:
        """A client for a directory in which two accounts answer to what `find_account` is asked for, and
        that.
        """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        service = provider(cls.provider).service(Family.IDENTITY) if hasattr(cls, "provider") else None
        for name in dir(cls) if service else ():
            needed = getattr(getattr(cls, name, None), "needs", None)
            if service and needed and needed not in service.capabilities:
                setattr(cls, name, None)

    def same(self, account: Account) -> bool:
        return account.login.casefold() == self.new.login.casefold()

    def test_the_same_act_twice_makes_one_account(self, client: Any) -> None:
        made = client.create_account(self.new, key=KEY)
        again = tried(lambda: client.create_account(self.new, key=KEY))
        if isinstance(again, ConnectorError):
            assert type(again) is Conflict
            assert not again.maybe_done
        else:
            assert again.id == made.id
        if Capability.LIST_ACCOUNTS in capabilities_of(type(client)):
            assert [each.id for each in client.list_accounts() if self.same(each)] == [made.id]

    def test_a_login_that_differs_in_case_alone_is_taken(self, client: Any) -> None:
        made = client.create_account(self.new, key=KEY)
        with pytest.raises(Conflict) as caught:
            client.create_account(replace(self.new, login=self.new.login.upper(), external_id=None), key=KEY)
        assert not caught.value.maybe_done
        assert client.find_account(login=self.new.login.upper()).id == made.id

    @needs(Capability.SUSPEND_ACCOUNTS)
    def test_what_is_done_twice_is_done(self, client: Any) -> None:
        made = client.create_account(self.new, key=KEY)
        for active in (False, False, True, True):
            assert client.set_active(made.id, active=active, key=KEY).active is active
        assert client.get_account(made.id).active is True

    def test_who_is_not_there_is_not_found_and_nothing_is_done(self, client: Any) -> None:
        assert client.find_account(login="nobody.at.all@acme.example") is None
        assert client.find_account(external_id="nobody-at-all") is None
        can = capabilities_of(type(client))
        acts: Mapping[Capability, Callable[[], object]] = {
            Capability.FIND_ACCOUNTS: lambda: client.get_account(self.nobody),
            Capability.SUSPEND_ACCOUNTS: lambda: client.set_active(self.nobody, active=False, key=KEY),
            Capability.UPDATE_ACCOUNTS: lambda: client.update_account(
                self.nobody, AccountChange(given_name="X"), key=KEY
            ),
            Capability.RENAME_ACCOUNTS: lambda: client.rename_account(
                self.nobody, f"x.{self.new.login}", keep_old=False, key=KEY
            ),
            Capability.SET_MANAGERS: lambda: client.set_manager(self.nobody, None, key=KEY),
            Capability.DELETE_ACCOUNTS: lambda: client.delete_account(self.nobody, key=KEY),
            Capability.KEEP_GROUPS: lambda: client.set_groups(self.nobody, [], key=KEY),
        }
        for capability, act in acts.items():
            if capability in can:
                with pytest.raises(NotFound) as caught:
                    act()
                assert not caught.value.maybe_done, capability

    @needs(Capability.RENAME_ACCOUNTS)
    def test_a_login_of_somebody_else_is_a_conflict(self, client: Any) -> None:
        made = client.create_account(self.new, key=KEY)
        other = client.create_account(replace(self.new, **self.another()), key=KEY)
        with pytest.raises(Conflict) as caught:
            client.rename_account(other.id, made.login.upper(), keep_old=False, key=KEY)
        assert not caught.value.maybe_done
        assert client.get_account(other.id).login == other.login

    @needs(Capability.DELETE_ACCOUNTS)
    def test_the_login_of_a_deleted_account_may_be_taken_again(self, client: Any) -> None:
        """Whoever has it then is another one."""
        gone = client.create_account(self.new, key=KEY)
        client.delete_account(gone.id, key=KEY)
        assert client.find_account(login=self.new.login) is None
        made = client.create_account(self.new, key=KEY)
        assert made.id != gone.id
        with pytest.raises(NotFound):
            client.get_account(gone.id)
        assert client.find_account(login=self.new.login).id == made.id

    def another(self) -> dict[str, Any]:
        """What is different about a second account."""
        return {"login": f"x.{self.new.login}", "external_id": None, "email": None}

    def test_names_are_kept_as_they_are_written(self, client: Any) -> None:
        """In every field that the new account has."""
        described = [name for name in DESCRIBING if getattr(self.new, name) is not None]
        there_and_back, width = [*NAMES, *reversed(NAMES)], len(described)
        first, *further = [there_and_back[at : at + width] for at in range(0, len(there_and_back), width)]
        wanted: dict[str, Any] = dict(zip(described, first, strict=True))
        made = client.create_account(replace(self.new, **wanted), key=KEY)
        assert {name: getattr(made, name) for name in wanted} == wanted
        for names in further if Capability.UPDATE_ACCOUNTS in capabilities_of(type(client)) else ():
            wanted = dict(zip(described, names, strict=False))
            after = client.update_account(made.id, AccountChange(**wanted), key=KEY)
            assert {name: getattr(after, name) for name in wanted} == wanted

    def test_who_has_quotes_in_login_or_identity_is_found_again_or_refused(self, client: Any) -> None:
        other = {**self.another(), "external_id": QUOTED}
        for given in ({"login": f"o'{self.new.login}"}, other):
            made = tried(functools.partial(client.create_account, replace(self.new, **given), key=KEY))
            asked = {name: given[name] for name in ("login", "external_id") if name in given}
            if isinstance(made, ConnectorError):
                assert type(made) is Rejected
                assert not made.maybe_done
                assert client.find_account(**asked) is None
            else:
                assert client.find_account(**asked).id == made.id

    def test_no_value_ends_the_search_that_it_stands_in(self, client: Any) -> None:
        """Nobody is found by what is no name of theirs, and nothing else."""
        made = client.create_account(self.new, key=KEY)
        can = capabilities_of(type(client))
        single = [find for capability, find in SINGLE.items() if capability in can]
        several = [find for capability, find in SEVERAL.items() if capability in can]
        for value in (*HOSTILE, *self.injecting):
            assert client.find_account(login=value) is None
            by_identity = tried(functools.partial(client.find_account, external_id=value))
            by_number = tried(functools.partial(client.find_accounts, employee_number=value))
            if self.unsearchable & set(value):
                assert (type(by_identity), type(by_number)) == (Rejected, Rejected)
            else:
                assert (by_identity, list(by_number)) == (None, [])
            for find in single:
                found = find(client, value)
                assert found is None or found.name == value
            for find in several:
                assert list(find(client, value)) == []
            assert isinstance(tried(functools.partial(client.get_account, value)), NotFound | Rejected)
        assert client.find_account(login=self.new.login).id == made.id

    def test_no_value_makes_an_act_meet_something_else(self, client: Any) -> None:
        made = client.create_account(self.new, key=KEY)
        can = capabilities_of(type(client))
        around = (f"{made.id}?x=1", f"{made.id}#x", f"x/../{made.id}")
        for capability, value in itertools.product(
            can & MEETING.keys(), (*HOSTILE, *around, *self.injecting)
        ):
            refused = tried(functools.partial(MEETING[capability], client, made.id, value))
            assert isinstance(refused, NotFound | Rejected), (capability, value)
            assert not refused.maybe_done
        assert client.get_account(made.id) == made

    def test_a_name_that_is_too_long_is_kept_whole_or_refused(self, client: Any) -> None:
        name = "ñ" * self.longest
        made = tried(lambda: client.create_account(replace(self.new, given_name=name), key=KEY))
        assert isinstance(made, Rejected | NothingHappened) or made.given_name == name
        if isinstance(made, Rejected):
            assert not made.maybe_done
            assert client.find_account(login=self.new.login) is None

    @needs(Capability.KEEP_GROUPS)
    def test_a_group_that_is_not_there_is_named_and_no_other_is_touched(self, client: Any) -> None:
        made = client.create_account(self.new, key=KEY)
        before = client.get_account(made.id).groups
        with pytest.raises(NotFound, match="no such group") as caught:
            client.set_groups(made.id, [*before, self.group, "no such group"], key=KEY)
        assert not caught.value.maybe_done
        assert client.get_account(made.id).groups == before

    @needs(Capability.LIST_ACCOUNTS)
    def test_the_list_goes_to_its_end_though_a_page_is_empty(self, server: Any) -> None:
        with self.several_pages(server) as (client, logins):
            found = [account.login for account in client.list_accounts()]
        assert sorted(found) == sorted(logins)

    @needs(Capability.LIST_ACCOUNTS)
    def test_what_goes_wrong_while_a_list_is_read_names_the_system_and_the_operation(
        self, server: Any
    ) -> None:
        nowhere = {"host": "127.0.0.1", "port": free_port(), "url": address_where_nobody_listens()}
        client = self.open(self.connection(server, **nowhere))
        with pytest.raises(Transient) as caught:
            list(client.list_accounts())
        client.close()
        assert client.address in caught.value.message
        assert caught.value.provider == self.provider
        for_token = getattr(self, "token_path", "list_accounts")  # a token from the same address comes first
        assert caught.value.operation.endswith(("list_accounts", for_token)), caught.value.operation

    def test_a_person_found_twice_is_a_conflict(self, server: Any) -> None:
        with self.found_twice(server) as (client, asked):
            with pytest.raises(Conflict) as caught:
                client.find_account(**asked)
            assert not caught.value.maybe_done
