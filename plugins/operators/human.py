"""People."""

from __future__ import annotations

from officeflow.nodes.human.approval import Approval
from operators.base import NodeOperator


class ApprovalOperator(NodeOperator):
    node = Approval
