"""Waiting, deciding, looping, joining, calling, naming values, ending."""

from __future__ import annotations

from officeflow.nodes.flow.branch import Branch
from officeflow.nodes.flow.call import Call
from officeflow.nodes.flow.delay import Delay
from officeflow.nodes.flow.fail import Fail
from officeflow.nodes.flow.for_each import ForEach
from officeflow.nodes.flow.join import Join
from officeflow.nodes.flow.set import Set
from officeflow.nodes.flow.wait_for_event import WaitForEvent
from officeflow.nodes.flow.wait_until import WaitUntil
from operators.making import operator_of

BranchOperator = operator_of(Branch)
CallOperator = operator_of(Call)
DelayOperator = operator_of(Delay)
FailOperator = operator_of(Fail)
ForEachOperator = operator_of(ForEach)
JoinOperator = operator_of(Join)
SetOperator = operator_of(Set)
WaitForEventOperator = operator_of(WaitForEvent)
WaitUntilOperator = operator_of(WaitUntil)
