"""What is planned about accounts, in the words that all identity nodes use."""

from __future__ import annotations

from collections.abc import Sequence

from officeflow.connectors.families.identity import Account, FindsAccounts, KeepsGroups, NewAccount
from officeflow.nodes.identity._groups import check_free, existing
from officeflow.sdk import FieldChange, Planned, changes

NEW_FIELDS = (
    *("login", "external_id", "given_name", "family_name", "display_name", "email"),
    *("title", "department", "location", "phone", "unit", "active"),
)


def at(account: Account | str, provider: FindsAccounts) -> str:
    """`account ana@acme.example at https://…`; a text is the login of one that there is not yet."""
    login = account if isinstance(account, str) else account.login
    return f"account {login} at {provider.address}"


def new_fields(account: NewAccount) -> list[FieldChange]:
    """What is sent of it: nothing that nobody gave."""
    plain = [(name, getattr(account, name)) for name in NEW_FIELDS]
    named = [*plain, *((f"attributes.{name}", value) for name, value in account.attributes.items())]
    return [FieldChange(field=name, after=value) for name, value in named if value is not None]


def activity(account: Account, provider: FindsAccounts, *, active: bool) -> Planned:
    """Where the provider does not tell that it can be used, that is not known before."""
    before = None if account.active and not account.active_told else account.active
    return changes(at(account, provider), [FieldChange(field="active", before=before, after=active)])


def groups(
    account: Account,
    after: Sequence[str],
    provider: FindsAccounts,
    left: Sequence[str] = (),
    *,
    note: str = "",
) -> Planned:
    """`left` are those that a rule keeps it in, although it was to leave them."""
    field = FieldChange(field="groups", before=sorted(account.groups), after=sorted(after))
    return changes(at(account, provider), [field], kept_by_rule(left) if left else note)


def kept_by_rule(left: Sequence[str]) -> str:
    return f"a rule or another system keeps it in {', '.join(left)}: left as it is"


def joined(account: Account, wanted: Sequence[str], provider: KeepsGroups) -> list[str]:
    """Of the groups that are wanted, and of those that a rule keeps it in, the names as they are there.

    `NotFound` names one that there is not, `Rejected` one that would have to be joined or left and is fixed.
    """
    there = existing(wanted, provider)
    after = {group.name for group in there} | set(account.ruled_groups)
    different = after ^ set(account.groups)
    leaving = provider.find_groups(sorted(different - {group.name for group in there}))
    check_free([group for group in (*there, *leaving) if group.name in different], "set_groups")
    return sorted(after)
