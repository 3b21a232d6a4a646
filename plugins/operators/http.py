"""Systems that a workflow calls by itself."""

from __future__ import annotations

from officeflow.nodes.http.request import Request
from operators.making import operator_of

RequestOperator = operator_of(Request)
