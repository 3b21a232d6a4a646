"""`identity.add_alias`."""

from __future__ import annotations

from collections.abc import Sequence

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import Account
from officeflow.errors import Conflict
from officeflow.nodes.identity._accounts import described, locate
from officeflow.nodes.identity._aliases import Aliases, AliasParams, Directory, aliases_of, has, told, without
from officeflow.nodes.identity._before import account_before, keep_account
from officeflow.nodes.identity._plans import at
from officeflow.nodes.identity._undo import account_again
from officeflow.sdk import Act, Effect, FieldChange, Node, NodeSpec, Planned, changes


class AddAlias(Node[AliasParams, Directory, Aliases]):
    """Give an account a further address, to which mail arrives too. One that another account has is a
    conflict.
    """

    spec = NodeSpec(
        type="identity.add_alias",
        title="Add alias",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The address that it was given is taken from the account again.",
        inverse="identity.remove_alias",
        evidence="The account is read again and has the address.",
    )

    def perform(self, params: AliasParams, provider: Directory, act: Act) -> Aliases:
        account = locate(params, provider, act)
        before = account_before(act, account)
        if _is_its_own(account, params.alias):
            act.note("it has this address already")
            return aliases_of(account, changed=not _is_its_own(before, params.alias))
        keep_account(act, before)
        after = provider.add_alias(account.id, params.alias, key=act.key)
        act.changed(f"account {after.login} at {provider.address} has the address {params.alias} too")
        act.read_back(told(after))
        return aliases_of(after, changed=True)

    def plan(self, params: AliasParams, provider: Directory, act: Act) -> Sequence[Planned]:
        """The further addresses before and after it."""
        account = locate(params, provider, act)
        after = list(account.aliases)
        if not _is_its_own(account, params.alias):
            _check_free(params.alias, account, provider)
            after.append(params.alias)
        field = FieldChange(field="aliases", before=list(account.aliases), after=after)
        return (changes(at(account, provider), [field]),)

    def undo(self, params: AliasParams, output: Aliases, provider: Directory, act: Act) -> None:
        account = account_again(output.account_id, provider, act)
        if account is None:
            return
        if len(without(account, params.alias)) == len(account.aliases):
            act.note("it has not this address any more")
            return
        after = provider.remove_alias(account.id, params.alias, key=act.key)
        act.changed(f"took the address {params.alias} from account {after.login}")
        act.read_back(told(after))


def _is_its_own(account: Account, alias: str) -> bool:
    return account.login.casefold() == alias.casefold() or has(account, alias)


def _check_free(alias: str, account: Account, provider: Directory) -> None:
    """`Conflict` where another account has the address, as far as a search shows it."""
    login = provider.find_account(login=alias)
    for holder in (*([login] if login else []), *provider.find_accounts(email=alias)):
        if holder.id != account.id:
            raise Conflict(f"{described(holder)} has the address {alias}", operation="add_alias")
