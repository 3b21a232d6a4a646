"""Waiting, deciding, joining, naming values, ending."""

from __future__ import annotations

from officeflow.nodes.flow.branch import Branch
from officeflow.nodes.flow.delay import Delay
from officeflow.nodes.flow.fail import Fail
from officeflow.nodes.flow.join import Join
from officeflow.nodes.flow.set import Set
from operators.base import NodeOperator


class BranchOperator(NodeOperator):
    node = Branch


class DelayOperator(NodeOperator):
    node = Delay


class FailOperator(NodeOperator):
    node = Fail


class JoinOperator(NodeOperator):
    node = Join


class SetOperator(NodeOperator):
    node = Set
