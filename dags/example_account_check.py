"""A hand-written DAG with OfficeFlow's operators: looks for a person's account and puts on record what it
found.

Everything that holds for a drawn workflow holds here: the ledger, the audit log, the connection's secrets,
retries. Trigger it with `{"event": {"payload": {"login": "ana@acme.example"}}}`.
"""

from __future__ import annotations

from airflow.sdk import DAG, Param

from operators.audit import RecordOperator
from operators.identity import FindAccountOperator

ORG = "acme"
EVENT = {
    "type": "object",
    "required": ["payload"],
    "properties": {
        "payload": {
            "type": "object",
            "required": ["login"],
            "properties": {"login": {"type": "string", "minLength": 1}},
        }
    },
}

with DAG(
    "example_account_check",
    description="Looks for a person's account and puts on record what it found.",
    doc_md=__doc__,
    schedule=None,
    catchup=False,
    tags=[f"org:{ORG}", "example"],
    params={"event": Param(description="Whose account, by login.", schema=EVENT)},
) as dag:
    find_account = FindAccountOperator(
        task_id="find_account",
        org=ORG,
        connection="directory",
        node_params={"login": "${{ event.payload.login }}"},
    )
    record = RecordOperator(
        task_id="record",
        org=ORG,
        node_params={
            "action": "account.checked",
            "subject": "account:${{ event.payload.login }}",
            "details": {
                "found": "${{ nodes.find_account.output.found }}",
                "active": "${{ nodes.find_account.output.active }}",
            },
        },
    )
    find_account >> record
