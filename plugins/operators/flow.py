"""Waiting, deciding, looping, joining, naming values, ending."""

from __future__ import annotations

from officeflow.nodes.flow.branch import Branch
from officeflow.nodes.flow.delay import Delay
from officeflow.nodes.flow.fail import Fail
from officeflow.nodes.flow.for_each import ForEach
from officeflow.nodes.flow.join import Join
from officeflow.nodes.flow.set import Set
from operators.making import operator_of

BranchOperator = operator_of(Branch)
DelayOperator = operator_of(Delay)
FailOperator = operator_of(Fail)
ForEachOperator = operator_of(ForEach)
JoinOperator = operator_of(Join)
SetOperator = operator_of(Set)
