"""`identity.remove_alias`."""

from __future__ import annotations

from collections.abc import Sequence

from officeflow.connectors.families import Family
from officeflow.errors import Conflict, NotUndoable
from officeflow.nodes.identity._accounts import locate
from officeflow.nodes.identity._aliases import Aliases, AliasParams, Directory, aliases_of, has, told, without
from officeflow.nodes.identity._before import account_before, keep_account
from officeflow.nodes.identity._plans import at
from officeflow.nodes.identity._undo import account_again
from officeflow.sdk import Act, Effect, FieldChange, Node, NodeSpec, Planned, changes


class RemoveAlias(Node[AliasParams, Directory, Aliases]):
    """Take a further address from an account: mail to it does not arrive there any more. One that the account
    has not is a success, and changes nothing.
    """

    spec = NodeSpec(
        type="identity.remove_alias",
        title="Remove alias",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The account has the address again, if no other account has it by then.",
        inverse="identity.add_alias",
        evidence="The account is read again and has not the address.",
    )

    def perform(self, params: AliasParams, provider: Directory, act: Act) -> Aliases:
        account = locate(params, provider, act)
        before = account_before(act, account)
        if not has(account, params.alias):
            act.note("it has not this address")
            return aliases_of(account, changed=has(before, params.alias))
        keep_account(act, before)
        after = provider.remove_alias(account.id, params.alias, key=act.key)
        act.changed(f"took the address {params.alias} from account {after.login} at {provider.address}")
        act.read_back(told(after))
        return aliases_of(after, changed=True)

    def plan(self, params: AliasParams, provider: Directory, act: Act) -> Sequence[Planned]:
        """The further addresses before and after it."""
        account = locate(params, provider, act)
        after = without(account, params.alias)
        field = FieldChange(field="aliases", before=list(account.aliases), after=after)
        return (changes(at(account, provider), [field]),)

    def undo(self, params: AliasParams, output: Aliases, provider: Directory, act: Act) -> None:
        account = account_again(output.account_id, provider, act)
        if account is None:
            return
        if has(account, params.alias):
            act.note("it has this address again already")
            return
        try:
            after = provider.add_alias(account.id, params.alias, key=act.key)
        except Conflict as error:
            if error.maybe_done:
                raise
            raise NotUndoable(f"it cannot have {params.alias} again: {error.message}") from error
        act.changed(f"account {after.login} has the address {params.alias} again")
        act.read_back(told(after))
