"""Accounts in an identity provider."""

from __future__ import annotations

from officeflow.nodes.identity.create_account import CreateAccount
from officeflow.nodes.identity.delete_account import DeleteAccount
from officeflow.nodes.identity.find_account import FindAccount
from officeflow.nodes.identity.move_account import MoveAccount
from officeflow.nodes.identity.reactivate_account import ReactivateAccount
from officeflow.nodes.identity.remove_groups import RemoveGroups
from officeflow.nodes.identity.rename_account import RenameAccount
from officeflow.nodes.identity.set_groups import SetGroups
from officeflow.nodes.identity.set_manager import SetManager
from officeflow.nodes.identity.suspend_account import SuspendAccount
from officeflow.nodes.identity.unique_login import UniqueLogin
from officeflow.nodes.identity.update_account import UpdateAccount
from operators.making import operator_of

UniqueLoginOperator = operator_of(UniqueLogin)
CreateAccountOperator = operator_of(CreateAccount)
FindAccountOperator = operator_of(FindAccount)
UpdateAccountOperator = operator_of(UpdateAccount)
RenameAccountOperator = operator_of(RenameAccount)
MoveAccountOperator = operator_of(MoveAccount)
SetManagerOperator = operator_of(SetManager)
SetGroupsOperator = operator_of(SetGroups)
RemoveGroupsOperator = operator_of(RemoveGroups)
SuspendAccountOperator = operator_of(SuspendAccount)
ReactivateAccountOperator = operator_of(ReactivateAccount)
DeleteAccountOperator = operator_of(DeleteAccount)
