"""Accounts in an identity provider."""

from __future__ import annotations

from officeflow.nodes.identity.add_alias import AddAlias
from officeflow.nodes.identity.add_groups import AddGroups
from officeflow.nodes.identity.apply_access import ApplyAccess
from officeflow.nodes.identity.assign_application import AssignApplication
from officeflow.nodes.identity.assign_licence import AssignLicence
from officeflow.nodes.identity.assign_role import AssignRole
from officeflow.nodes.identity.configure_application import ConfigureApplication
from officeflow.nodes.identity.configure_inbound_sso import ConfigureInboundSso
from officeflow.nodes.identity.correlate_account import CorrelateAccount
from officeflow.nodes.identity.create_account import CreateAccount
from officeflow.nodes.identity.delete_account import DeleteAccount
from officeflow.nodes.identity.end_sessions import EndSessions
from officeflow.nodes.identity.find_account import FindAccount
from officeflow.nodes.identity.find_changes import FindChanges
from officeflow.nodes.identity.give_temporary_access import GiveTemporaryAccess
from officeflow.nodes.identity.move_account import MoveAccount
from officeflow.nodes.identity.reactivate_account import ReactivateAccount
from officeflow.nodes.identity.remove_alias import RemoveAlias
from officeflow.nodes.identity.remove_groups import RemoveGroups
from officeflow.nodes.identity.rename_account import RenameAccount
from officeflow.nodes.identity.reset_factors import ResetFactors
from officeflow.nodes.identity.reset_password import ResetPassword
from officeflow.nodes.identity.restore_account import RestoreAccount
from officeflow.nodes.identity.restore_groups import RestoreGroups
from officeflow.nodes.identity.set_expiry import SetExpiry
from officeflow.nodes.identity.set_groups import SetGroups
from officeflow.nodes.identity.set_manager import SetManager
from officeflow.nodes.identity.strip_groups import StripGroups
from officeflow.nodes.identity.suspend_account import SuspendAccount
from officeflow.nodes.identity.transfer_ownership import TransferOwnership
from officeflow.nodes.identity.unassign_application import UnassignApplication
from officeflow.nodes.identity.unassign_licence import UnassignLicence
from officeflow.nodes.identity.unassign_role import UnassignRole
from officeflow.nodes.identity.unique_login import UniqueLogin
from officeflow.nodes.identity.unlock_account import UnlockAccount
from officeflow.nodes.identity.update_account import UpdateAccount
from officeflow.nodes.identity.verify_closed import VerifyClosed
from operators.making import operator_of

UniqueLoginOperator = operator_of(UniqueLogin)
CorrelateAccountOperator = operator_of(CorrelateAccount)
FindAccountOperator = operator_of(FindAccount)
FindChangesOperator = operator_of(FindChanges)
CreateAccountOperator = operator_of(CreateAccount)
UpdateAccountOperator = operator_of(UpdateAccount)
RenameAccountOperator = operator_of(RenameAccount)
MoveAccountOperator = operator_of(MoveAccount)
SetManagerOperator = operator_of(SetManager)
SetExpiryOperator = operator_of(SetExpiry)
AddAliasOperator = operator_of(AddAlias)
RemoveAliasOperator = operator_of(RemoveAlias)
AddGroupsOperator = operator_of(AddGroups)
StripGroupsOperator = operator_of(StripGroups)
RestoreGroupsOperator = operator_of(RestoreGroups)
SetGroupsOperator = operator_of(SetGroups)
RemoveGroupsOperator = operator_of(RemoveGroups)
AssignRoleOperator = operator_of(AssignRole)
UnassignRoleOperator = operator_of(UnassignRole)
AssignApplicationOperator = operator_of(AssignApplication)
UnassignApplicationOperator = operator_of(UnassignApplication)
AssignLicenceOperator = operator_of(AssignLicence)
UnassignLicenceOperator = operator_of(UnassignLicence)
ConfigureApplicationOperator = operator_of(ConfigureApplication)
ConfigureInboundSsoOperator = operator_of(ConfigureInboundSso)
ApplyAccessOperator = operator_of(ApplyAccess)
ResetPasswordOperator = operator_of(ResetPassword)
GiveTemporaryAccessOperator = operator_of(GiveTemporaryAccess)
ResetFactorsOperator = operator_of(ResetFactors)
EndSessionsOperator = operator_of(EndSessions)
UnlockAccountOperator = operator_of(UnlockAccount)
VerifyClosedOperator = operator_of(VerifyClosed)
SuspendAccountOperator = operator_of(SuspendAccount)
ReactivateAccountOperator = operator_of(ReactivateAccount)
TransferOwnershipOperator = operator_of(TransferOwnership)
DeleteAccountOperator = operator_of(DeleteAccount)
RestoreAccountOperator = operator_of(RestoreAccount)
