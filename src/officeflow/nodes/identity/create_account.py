"""`identity.create_account`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, cast

from pydantic import Field

from officeflow.connectors.families import Capability, Family
from officeflow.connectors.families.identity import (
    Account,
    CreatesAccounts,
    DeletesAccounts,
    FindsAccounts,
    SuspendsAccounts,
)
from officeflow.errors import (
    Conflict,
    ConnectorError,
    NothingHappened,
    NotUndoable,
    OutcomeUnknown,
    Transient,
)
from officeflow.nodes.identity._accounts import described, named
from officeflow.nodes.identity._before import begin_anew
from officeflow.nodes.identity._new_account import Params
from officeflow.nodes.identity._person import LAST_NUMBER, Whose, made_since
from officeflow.nodes.identity._plans import at, new_fields
from officeflow.nodes.identity._undo import account_again, delete, suspend
from officeflow.sdk import (
    Act,
    Effect,
    Node,
    NodeOutput,
    NodeSpec,
    Planned,
    UndoWay,
    creates,
    no_change,
)

LOOKS = (0.0, 0.2, 0.5, 1.0, 2.0)
"""Seconds before each look at a provider that shows late who has a login."""
FREE = "free"
"""In the act's progress: the login that nobody had when it was asked for."""


class Result(NodeOutput):
    """The account as the provider has it."""

    account_id: str = Field(description="The provider's own id.")
    login: str = Field(description="User name; not the one asked for where on_conflict chose another.")
    external_id: str | None = Field(description="Employee number.")
    email: str | None = Field(description="E-mail address that the provider has.")
    active: bool = Field(description="False while the account is suspended.")
    created: bool = Field(description="True when this node created it, False when it was there before.")
    presumed: bool = Field(
        default=False,
        description="True where created is not proved: an attempt got no answer, nobody had the login before,"
        " the provider does not say since when the account is there, and it is not as the node writes it.",
    )


class Directory(FindsAccounts, CreatesAccounts, Protocol):
    """What the node needs of an identity provider."""


class CreateAccount(Node[Params, Directory, Result]):
    """Create a person's account, once.

    An account with the same employee number is taken for the person's own and left as it is, also where it is
    found by its login only. Without an employee number the login alone decides, and a login that exists is a
    conflict. An account that may be the person's, and that nothing proves to be, is a conflict too: no second
    one is made beside it.
    """

    spec = NodeSpec(
        type="identity.create_account",
        title="Create account",
        group="Identity",
        effect=Effect.CHECK_THEN_ACT,
        family=Family.IDENTITY,
        undo="The account that it created is deleted, or suspended where the workflow says so; one that is"
        " only presumed to be its own is left to a person.",
        undo_ways=(
            UndoWay(
                "delete",
                "The account that it created is deleted.",
                frozenset({Capability.DELETE_ACCOUNTS}),
            ),
            UndoWay(
                "suspend",
                "The account that it created is suspended.",
                frozenset({Capability.SUSPEND_ACCOUNTS}),
            ),
        ),
        inverse="identity.delete_account",
        evidence="The account is read again by the id that the provider gave it.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        begin_anew(act, FREE)
        search = _Search(params, provider, act)
        own = search.own()
        if own is not None:
            return search.theirs(own)
        act.found(f"no {named(login=params.login, external_id=params.external_id)} at {provider.address}")
        for login in search.person.logins():
            holder = provider.find_account(login=login)
            if holder is None:
                made = self._create(params, login, search)
                if isinstance(made, Result):
                    return made
                holder = made
            if (settled := search.settled(holder)) is not None:
                return settled
            search.leave_to(holder, login)
        raise _all_taken(params)

    def find(self, params: Params, provider: Directory, act: Act) -> Result | None:
        """The person's account, by every identity that it may have.

        It counts as created here where it is no older than the act, by the provider's word; where the
        provider has none, if nobody had its login when the act asked for it: that is presumed, unless the
        provider has said yes or it is in all as this act writes it.

        `Conflict` that a person has to settle where there is one that this act may have created, and nothing
        proves that it did.
        """
        search = _Search(params, provider, act, acted=True)
        found = search.left_behind()
        if found is None:
            act.found(
                f"no {named(login=params.login, external_id=params.external_id)}: the earlier attempt created"
                " none"
            )
        return found

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """The account that is created, field by field, or that it is there."""
        search = _Search(params, provider, act)
        found = search.own()
        for login in search.person.logins():
            holder = found or provider.find_account(login=login)
            if holder is None:
                return (creates(at(login, provider), new_fields(params.new_account(login))),)
            if found is not None or search.settled(holder) is not None:
                return (no_change(at(holder, provider), "it is this person's already"),)
            search.leave_to(holder, login)
        raise _all_taken(params)

    def undo(self, params: Params, output: Result, provider: Directory, act: Act) -> None:
        """Only the account that it created, and only while it is that person's still. `OutcomeUnknown` where
        it is there, and may as well be somebody else's work.
        """
        del params
        account = account_again(output.account_id, provider, act)
        if account is None:
            return
        if output.external_id and account.external_id not in {None, output.external_id}:
            raise NotUndoable(
                f"{described(account)} was given another employee number since, {account.external_id}"
            )
        if output.presumed:
            raise OutcomeUnknown(
                f"{described(account)} may be this act's or somebody else's: an attempt to create it got no"
                f" answer, and {provider.address} does not say since when it is there",
                hint="delete it there by hand if nobody else has made it",
            )
        if act.way == "suspend":
            suspend(account, cast("SuspendsAccounts", provider), act)  # as the way needs it
        else:
            delete(account, cast("DeletesAccounts", provider), act)

    def _create(self, params: Params, login: str, search: _Search) -> Result | Account:
        """The account that was created, or the one that was in its way."""
        provider, act = search.provider, search.act
        search.keep_free(login)
        try:
            account = provider.create_account(params.new_account(login), key=act.key)
        except ConnectorError as error:
            if error.taken:
                return search.after_yes(error)
            search.after_no(error)
            if isinstance(error, Conflict):
                return search.in_the_way(login, error)
            raise
        act.changed(
            f"created account {account.login} with id {account.id} at {provider.address}, under key"
            f" {act.key[:12]}…"
        )
        act.read_back(described(account))
        return _result(account, created=True)


class _Search:
    """Looks for a person's account. `acted` is whether the act may have created it already."""

    def __init__(self, params: Params, provider: Directory, act: Act, *, acted: bool | None = None) -> None:
        self.person, self.provider, self.act = params.person(), provider, act
        self._params, self._acted = params, act.resuming if acted is None else acted
        self._said_yes = act.taken

    def whose(self, account: Account) -> Whose:
        return self.person.whose(account, self.act, acted=self._acted)

    def own(self) -> Account | None:
        """The account with the person's employee number; `Conflict` where it seems to be of another
        organization.
        """
        account = (
            self.provider.find_account(external_id=self.person.external_id)
            if self.person.external_id
            else None
        )
        if (
            account is not None
            and self.person.is_stranger(account)
            and not (self._acted and made_since(account, self.act))
        ):
            raise Conflict(
                f"{described(account)} has the employee number {self.person.external_id}, and nothing else of"
                " it is this person's",
                operation="create_account",
                hint="where organizations share this directory, give each connection a mark of its own",
            )
        return account

    def theirs(self, account: Account) -> Result:
        """`account` is the person's: what is told of it."""
        is_new = made_since(account, self.act)
        created = self._acted and (is_new or self._was_free(account))
        presumed = not (is_new or self._said_yes or self._params.has_made(account)) and created
        if created and account.active and not self._params.active:
            raise NothingHappened(
                f"{described(account)} was to be created suspended", operation="create_account", taken=True
            )
        how = "created by this act" if created else "this person's already"
        if presumed:
            how = "there since an attempt that got no answer, as nobody had its login before"
        self.act.found(f"{described(account)} is {how}, at {self.provider.address}")
        if self.person.external_id and account.external_id != self.person.external_id:
            text = (
                f"{self.provider.address} has not kept the employee number {self.person.external_id}: later"
                " acts find it by its login only"
            )
            self.act.note(text)
        return _result(account, created=created, presumed=presumed)

    def keep_free(self, login: str) -> None:
        """Have it written down, before it is asked for, that nobody has the login: a provider that does not
        say when accounts were made cannot tell later whether this act made one.
        """
        self.act.progress[FREE] = login
        self.act.keep_progress()

    def after_no(self, error: ConnectorError) -> None:
        """Where no attempt can have made the account, it is not known any more that nobody has the login:
        until the next attempt somebody may, or has it already.
        """
        if error.maybe_done or (self._acted and isinstance(error, Conflict)):
            return
        self.act.progress.pop(FREE, None)
        self.act.keep_progress()

    def _was_free(self, account: Account) -> bool:
        """Whether nobody had its login before an earlier attempt, where the provider does not say since when
        it is there.
        """
        free = str(self.act.progress.get(FREE, ""))
        return account.created_at is None and account.login.casefold() == free.casefold()

    def settled(self, holder: Account) -> Result | None:
        """Where the one who has the login is the person, or is taken for them: what is told of it."""
        if self.whose(holder) is Whose.THEIRS:
            return self.theirs(holder)
        if self._params.on_conflict == "adopt" and self._is_nobodys(holder):
            self.act.note(f"adopted {described(holder)}, which has no employee number")
            return _result(holder, created=False)
        return None

    def left_behind(self) -> Result | None:
        """What an attempt to create it has left: by number, login and address."""
        unclear = None
        for account in self._candidates():
            standing = self.whose(account)
            if standing is Whose.THEIRS and (self.person.external_id or made_since(account, self.act)):
                return self.theirs(account)
            if standing is Whose.UNCLEAR and (account.created_at is None or made_since(account, self.act)):
                unclear = unclear or account
        if unclear is not None:
            raise _unclear(unclear, "an earlier attempt may have created it", taken=True)
        return None

    def after_yes(self, error: ConnectorError) -> Result:
        """The provider has said yes, and what came of it did not read back as it should: the account all the
        same, or `error`.
        """
        self._acted = self._said_yes = True
        self.act.note(error.message)
        try:
            for pause in LOOKS:
                self.act.sleep(pause)
                if (found := self.left_behind()) is not None:
                    return found
        except ConnectorError as failed:
            failed.maybe_done = failed.taken = True
            raise
        raise error

    def in_the_way(self, login: str, conflict: Conflict) -> Account:
        """Who has the login that the provider calls taken. `Transient` where it does not show."""
        for pause in LOOKS:
            self.act.sleep(pause)
            holder = self.own() or self.provider.find_account(login=login)
            if holder is not None:
                return holder
        for account in self._by_address():
            if self.whose(account) is not Whose.THEIRS:
                raise Conflict(
                    f"{conflict.message}; {described(account)} has the address", operation="create_account"
                ) from conflict
            return account
        text = f"{conflict.message}; it does not show yet who has the login {login}"
        raise Transient(
            text, operation="create_account", status=conflict.status, maybe_done=self._acted
        ) from conflict

    def _is_nobodys(self, account: Account) -> bool:
        """Whether the account belongs to no employee."""
        ours, theirs = self.person.employee_number, account.employee_number
        return account.external_id is None and not (ours and theirs and ours != theirs)

    def leave_to(self, holder: Account, login: str) -> None:
        """Return where the next login may be taken because this one is another person's; `Conflict`
        otherwise.
        """
        owner = (
            f"employee {holder.external_id}" if holder.external_id else "an account without employee number"
        )
        text = f"the login {login} is taken by {owner}"
        if self._params.on_conflict != "number":
            raise Conflict(text, operation="create_account", hint="choose another login, or set on_conflict")
        if self.whose(holder) is not Whose.ANOTHERS or holder.login.casefold() != login.casefold():
            raise _unclear(holder, text)
        self.act.note(f"{text}; takes the next one")

    def _candidates(self) -> Iterator[Account]:
        if (own := self.own()) is not None:
            yield own
        for login in self.person.logins() if self._params.on_conflict == "number" else [self.person.login]:
            account = self.provider.find_account(login=login)
            if account is None:
                break
            yield account
        yield from self._by_address()

    def _by_address(self) -> Sequence[Account]:
        found = [*self.provider.find_accounts(email=self.person.email)] if self.person.email else []
        if self.person.employee_number:
            found += self.provider.find_accounts(employee_number=self.person.employee_number)
        return found


def _all_taken(params: Params) -> Conflict:
    return Conflict(
        f"the login {params.login} is taken, and so are the next {LAST_NUMBER - 1}",
        operation="create_account",
    )


def _unclear(account: Account, text: str, *, taken: bool = False) -> Conflict:
    return Conflict(
        f"{described(account)} may be this person's: {text}",
        operation="create_account",
        taken=taken,
        hint="give that account the employee number if it is; no second one is made beside it",
    )


def _result(account: Account, *, created: bool, presumed: bool = False) -> Result:
    return Result(
        changed=created,
        created=created,
        presumed=presumed,
        account_id=account.id,
        login=account.login,
        external_id=account.external_id,
        email=account.email,
        active=account.active,
    )
