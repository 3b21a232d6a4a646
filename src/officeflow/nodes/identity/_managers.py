"""Chains of managers."""

from __future__ import annotations

from officeflow.connectors.families.identity import Account, FindsAccounts
from officeflow.errors import Conflict, NotFound

LONGEST = 50
"""Managers above each other: more than any organization has."""


def check_chain(account: Account, manager: Account, provider: FindsAccounts) -> None:
    """`Conflict`, naming the chain, where it would end in a circle or nowhere."""
    chain, ids, above = [account.login], {account.id}, manager
    while True:
        chain.append(above.login)
        if above.id in ids or len(chain) > LONGEST:
            how = "is a circle" if above.id in ids else f"is longer than {LONGEST}"
            raise Conflict(
                f"the chain of managers {how}: {' → '.join(chain)}",
                operation="set_manager",
                hint="set the manager of one of them right first",
            )
        ids.add(above.id)
        if above.manager_id is None:
            return
        try:
            above = provider.get_account(above.manager_id)
        except NotFound:
            return
