"""What holds for every connector that keeps accounts, whatever it speaks.

A test module lists it before the contract of the protocol: `class TestOkta(IdentityContract,
ReadingBackContract)`. What its system cannot do, by its declaration, is left out.
"""

from __future__ import annotations

import functools
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
    "Zoë “Zed” O'Brien",
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
            client.rename_account(other.id, made.login, keep_old=False, key=KEY)
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
        made = client.create_account(replace(self.new, given_name=NAMES[0], family_name=NAMES[1]), key=KEY)
        assert (made.given_name, made.family_name) == NAMES[:2]
        pairs = zip(NAMES[2:], reversed(NAMES[2:]), strict=True)
        for given, family in pairs if Capability.UPDATE_ACCOUNTS in capabilities_of(type(client)) else ():
            after = client.update_account(
                made.id, AccountChange(given_name=given, family_name=family), key=KEY
            )
            assert (after.given_name, after.family_name) == (given, family)

    def test_no_value_ends_the_search_that_it_stands_in(self, client: Any) -> None:
        """Nobody is found by what is no name of theirs, and no group."""
        made = client.create_account(self.new, key=KEY)
        can = capabilities_of(type(client))
        for value in HOSTILE:
            assert client.find_account(login=value) is None
            assert client.find_account(external_id=value) is None
            assert list(client.find_accounts(email=value)) == []
            assert list(client.find_accounts(employee_number=value)) == []
            assert isinstance(tried(functools.partial(client.get_account, value)), NotFound | Rejected)
            if Capability.KEEP_GROUPS in can:
                assert list(client.find_groups([value])) == []
        assert client.find_account(login=self.new.login).id == made.id

    def test_a_name_that_is_too_long_is_kept_whole_or_refused(self, client: Any) -> None:
        name = "ñ" * self.longest
        made = tried(lambda: client.create_account(replace(self.new, given_name=name), key=KEY))
        assert isinstance(made, Rejected | NothingHappened) or made.given_name == name

    @needs(Capability.KEEP_GROUPS)
    def test_a_group_that_is_not_there_is_named_and_no_other_is_touched(self, client: Any) -> None:
        made = client.create_account(self.new, key=KEY)
        before = client.get_account(made.id).groups
        with pytest.raises(NotFound, match="no such group") as caught:
            client.set_groups(made.id, [*before, "no such group"], key=KEY)
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
        assert (caught.value.provider, caught.value.operation) == (self.provider, "list_accounts")

    def test_a_person_found_twice_is_a_conflict(self, server: Any) -> None:
        with self.found_twice(server) as (client, asked):
            with pytest.raises(Conflict) as caught:
                client.find_account(**asked)
            assert not caught.value.maybe_done
