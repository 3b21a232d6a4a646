"""People."""

from __future__ import annotations

from officeflow.nodes.human.approval import Approval
from officeflow.nodes.human.form import Form
from officeflow.nodes.human.task import Task
from operators.making import operator_of

ApprovalOperator = operator_of(Approval)
FormOperator = operator_of(Form)
TaskOperator = operator_of(Task)
