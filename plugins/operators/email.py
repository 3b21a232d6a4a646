"""Mail."""

from __future__ import annotations

from officeflow.nodes.email.send import Send
from operators.base import NodeOperator


class SendOperator(NodeOperator):
    node = Send
