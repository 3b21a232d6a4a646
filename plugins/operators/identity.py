"""Accounts in an identity provider."""

from __future__ import annotations

from officeflow.nodes.identity.create_account import CreateAccount
from officeflow.nodes.identity.delete_account import DeleteAccount
from officeflow.nodes.identity.find_account import FindAccount
from officeflow.nodes.identity.reactivate_account import ReactivateAccount
from officeflow.nodes.identity.remove_groups import RemoveGroups
from officeflow.nodes.identity.set_groups import SetGroups
from officeflow.nodes.identity.suspend_account import SuspendAccount
from operators.base import NodeOperator


class CreateAccountOperator(NodeOperator):
    node = CreateAccount


class FindAccountOperator(NodeOperator):
    node = FindAccount


class SetGroupsOperator(NodeOperator):
    node = SetGroups


class RemoveGroupsOperator(NodeOperator):
    node = RemoveGroups


class SuspendAccountOperator(NodeOperator):
    node = SuspendAccount


class ReactivateAccountOperator(NodeOperator):
    node = ReactivateAccount


class DeleteAccountOperator(NodeOperator):
    node = DeleteAccount
