"""Systems that a workflow calls by itself."""

from __future__ import annotations

from officeflow.nodes.http.request import Request
from operators.base import NodeOperator


class RequestOperator(NodeOperator):
    node = Request
