"""Mail."""

from __future__ import annotations

from officeflow.nodes.email.send import Send
from operators.making import operator_of

SendOperator = operator_of(Send)
