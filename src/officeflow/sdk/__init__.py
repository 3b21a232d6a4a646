"""What node types are made of, for their authors: the one place to import it from.

An author writes three models' worth of declaration and one method:

    class Params(NodeParams): …          # what it needs, each field described
    class Result(NodeOutput): …          # what it gives to later nodes
    class Directory(FindsAccounts, SuspendsAccounts, Protocol): …    # what it needs of a system
    class SuspendAccount(Node[Params, Directory, Result]):
        spec = NodeSpec(…)
        def perform(self, params, provider, act): …

The rest (parameters from expressions, the ledger, the connection, retry, the story in the log) is
`officeflow.runner`. Names that are not here may change with every version.
"""

from officeflow.audit.entry import AuditEntry
from officeflow.sdk.act import UNSETTLED, Act, Log
from officeflow.sdk.addresses import BareAddress, Mailbox, Mailboxes
from officeflow.sdk.awaited import AwaitedEvent, Call, CameEvent, EndedRun, NothingCame
from officeflow.sdk.execution import ErrorDetails, NodeInput, NodeResult, RetryPolicy
from officeflow.sdk.fields import Condition, HtmlTemplate, Sensitive, TextTemplate, UrlTemplate, as_list
from officeflow.sdk.further import Further
from officeflow.sdk.node import Node, NodeOutput, NodeParams, NodeSchema, ValidationResult
from officeflow.sdk.planned import (
    Doing,
    FieldChange,
    Planned,
    changes,
    creates,
    deletes,
    irreversible,
    no_change,
    unknown,
)
from officeflow.sdk.question import Answer, Decision, Question, Said
from officeflow.sdk.spec import KEEP, Effect, NodeSpec, UndoWay
from officeflow.sdk.times import CLOCK_SKEW, Duration, TimeZoneName, first_moment, is_zone, local_moment

__all__ = [
    "CLOCK_SKEW",
    "KEEP",
    "UNSETTLED",
    "Act",
    "Answer",
    "AuditEntry",
    "AwaitedEvent",
    "BareAddress",
    "Call",
    "CameEvent",
    "Condition",
    "Decision",
    "Doing",
    "Duration",
    "Effect",
    "EndedRun",
    "ErrorDetails",
    "FieldChange",
    "Further",
    "HtmlTemplate",
    "Log",
    "Mailbox",
    "Mailboxes",
    "Node",
    "NodeInput",
    "NodeOutput",
    "NodeParams",
    "NodeResult",
    "NodeSchema",
    "NodeSpec",
    "NothingCame",
    "Planned",
    "Question",
    "RetryPolicy",
    "Said",
    "Sensitive",
    "TextTemplate",
    "TimeZoneName",
    "UndoWay",
    "UrlTemplate",
    "ValidationResult",
    "as_list",
    "changes",
    "creates",
    "deletes",
    "first_moment",
    "irreversible",
    "is_zone",
    "local_moment",
    "no_change",
    "unknown",
]
