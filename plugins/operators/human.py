"""People."""

from __future__ import annotations

from officeflow.nodes.human.approval import Approval
from operators.making import operator_of

ApprovalOperator = operator_of(Approval)
