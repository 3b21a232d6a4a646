"""Which columns may hold something of a person, and what an erasure does to each: of every table of ours, and
of every table of Airflow's.

`python -m officeflow.privacy.inventory` prints it as docs/personal-data.md. Tests compare it with the tables
that there are: one that nobody has answered for fails.
"""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType


class Fate(enum.StrEnum):
    """What an erasure does to a column of the person's rows."""

    REMOVED = "the row is removed"
    EMPTIED = "emptied"
    REPLACED = "replaced by a pseudonym"
    STAYS = "stays"
    WHO = "stays: who works with OfficeFlow, not whom it is about"
    NOTHING = "holds nothing of a person"


REMOVED, EMPTIED, REPLACED, STAYS, WHO, NOTHING = Fate


@dataclass(frozen=True, slots=True)
class Answer:
    """For columns of a table; those of the table that no answer names hold numbers, moments, states or ids of
    ours.
    """

    fate: Fate
    columns: tuple[str, ...]
    why: str = ""


def _all(fate: Fate, columns: str, why: str = "") -> Answer:
    return Answer(fate, tuple(columns.split()), why)


OURS: Mapping[str, tuple[Answer, ...]] = MappingProxyType(
    {
        "access_rules_versions": (
            _all(STAYS, "document why", "what an admin wrote"),
            _all(WHO, "set_by"),
        ),
        "answer_links": (_all(REMOVED, "token_hash"),),
        "api_tokens": (_all(WHO, "created_by"), _all(NOTHING, "prefix digest scopes")),
        "audit_heads": (_all(NOTHING, "mac seal"),),
        "audit_records": (
            _all(
                STAYS,
                "subject details correlation_id",
                "the identifier, and reasons in people's own words: evidence, in a chain that forbids change",
            ),
            _all(WHO, "actor"),
            _all(NOTHING, "action tag previous_mac mac"),
        ),
        "audit_verifications": (
            _all(STAYS, "problems", "what was found about records of the log"),
            _all(WHO, "asked_by"),
            _all(NOTHING, "anchor compared error"),
        ),
        "control_requests": (
            _all(EMPTIED, "body result"),
            _all(STAYS, "source event_id correlation_id content_hash", "the identity of a message"),
            _all(NOTHING, "action"),
        ),
        "dead_letters": (
            _all(EMPTIED, "key body headers detail"),
            _all(STAYS, "resolution", "who replayed or discarded it, and why, in their own words"),
            _all(NOTHING, "topic"),
        ),
        "delegations": (
            _all(WHO, "made_by starts_on ends_on"),
            _all(STAYS, "why", "in people's own words"),
        ),
        "employees": (
            _all(REPLACED, "external_id employee_id"),
            _all(
                REMOVED,
                "work_email given_name family_name department title manager_external_id location time_zone"
                " start_date end_date attributes sensitive field_times last_event_id",
            ),
        ),
        "erasures": (
            _all(STAYS, "external_id why report", "so that it can be done again after a backup was restored"),
            _all(WHO, "asked_by confirmed_by"),
            _all(STAYS, "airflow last_error", "ids of runs, until Airflow has forgotten them"),
            _all(NOTHING, "pseudonym"),
        ),
        "event_senders": (_all(REMOVED, "source event_id sent_by"),),
        "event_waits": (
            _all(REPLACED, "employee"),
            _all(EMPTIED, "expression bindings error_details"),
            _all(NOTHING, "node_key kinds"),
        ),
        "groups": (_all(NOTHING, "name external_id"),),
        "human_assignments": (
            _all(EMPTIED, "why reason answer mail_problem"),
            _all(WHO, "login"),
            _all(NOTHING, "choice door"),
        ),
        "human_requests": (
            _all(EMPTIED, "subject body form asked escalate_to unasked not_counted"),
            _all(NOTHING, "node_key options reasons default_choice decision"),
        ),
        "idempotency_keys": (
            _all(STAYS, "answer", "encrypted, for a day"),
            _all(WHO, "owner"),
            _all(NOTHING, "key content"),
        ),
        "inbox_events": (
            _all(EMPTIED, "payload sensitive last_error"),
            _all(REPLACED, "employee_key"),
            _all(
                STAYS,
                "source event_id correlation_id content_hash",
                "the identity of an event: a second delivery must not bring the person back",
            ),
            _all(NOTHING, "kind runs topic"),
        ),
        "inquiries": (_all(REMOVED, "employee request result progress"), _all(WHO, "asked_by")),
        "key_passes": (_all(WHO, "asked_by why"), _all(NOTHING, "table_name")),
        "legal_holds": (
            _all(STAYS, "external_id why released_why", "that somebody was held, and why, is evidence"),
            _all(WHO, "placed_by released_by"),
        ),
        "name_reservations": (_all(REMOVED, "digest"), _all(NOTHING, "system act_key node_key")),
        "node_refusals": (_all(REMOVED, "node_key node_type error_details"),),
        "node_runs": (
            _all(EMPTIED, "input output output_sealed progress params_hash story error_details"),
            _all(NOTHING, "node_key node_type effect odd_status idempotency_key"),
        ),
        "organization_keys": (_all(NOTHING, "wrapped"),),
        "organizations": (
            _all(STAYS, "settings", "what an admin wrote; the report says where it names the person"),
            _all(NOTHING, "slug name domain plan"),
        ),
        "outbox_messages": (_all(REMOVED, "topic key type subject payload correlation_id last_error"),),
        "person_keys": (_all(EMPTIED, "wrapped person"),),
        "plans": (
            _all(REPLACED, "employee_id"),
            _all(STAYS, "source_event_id", "the identity of an event"),
        ),
        "releases": (
            _all(
                STAYS,
                "subject wanted why decision correlation_id",
                "definitions and reasons that people wrote; the report says which name the person",
            ),
            _all(WHO, "requested_by decided_by"),
        ),
        "run_requests": (_all(EMPTIED, "input error_details"), _all(NOTHING, "node_key workflow")),
        "run_turns": (_all(NOTHING, "concurrency"),),
        "scim_users": (_all(WHO, "external_id attributes"),),
        "service_accounts": (_all(NOTHING, "name description"),),
        "user_groups": (_all(NOTHING, "group_name"),),
        "users": (_all(WHO, "email name airflow_login"), _all(NOTHING, "role")),
        "wakes": (_all(REMOVED, "node_key cause outcome"),),
        "webhook_sources": (
            _all(STAYS, "definition", "what an admin wrote; the report says which name the person"),
            _all(NOTHING, "slug preset secrets"),
        ),
        "workflow_drafts": (
            _all(
                STAYS, "slug title content", "what somebody works on; the report says which name the person"
            ),
            _all(WHO, "created_by edited_by"),
        ),
        "workflow_edges": (_all(STAYS, "condition_expr label", "repeats a version"),),
        "workflow_nodes": (
            _all(STAYS, "name params", "repeats a version"),
            _all(
                NOTHING,
                "key act_key type connection retry_policy position compensates_for compensation_type",
            ),
        ),
        "workflow_revisions": (),
        "workflow_runs": (
            _all(REPLACED, "employee_id employee_key"),
            _all(EMPTIED, "context control_why undone error_details"),
            _all(STAYS, "dag_run_id correlation_id", "what others chose as ids"),
            _all(WHO, "started_by control_by"),
            _all(NOTHING, "dag_id trigger_event"),
        ),
        "workflow_versions": (
            _all(STAYS, "definition", "never changed; the report says which name the person"),
            _all(WHO, "published_by"),
            _all(NOTHING, "content_hash"),
        ),
        "workflows": (
            _all(STAYS, "name definition", "repeats a version"),
            _all(NOTHING, "slug event_trigger"),
        ),
    }
)

WITH_RUN = "deleted with the person's runs"
LOGINS = "logins and what they may: who works with Airflow"
DEFINED = "DAGs as they are defined"

AIRFLOW: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        WITH_RUN: {
            "dag_run": "conf, ids",
            "dag_run_note": "what people noted",
            "task_instance": "`next_kwargs`, `rendered_map_index`",
            "task_instance_history": "the same of earlier tries",
            "task_instance_note": "what people noted",
            "task_map": "keys of what a node was repeated for",
            "task_reschedule": "",
            "task_state_store": "what tasks keep for themselves",
            "rendered_task_instance_fields": "what nodes were given, as far as it may be shown",
            "xcom": "what nodes gave, as far as it may be shown",
            "hitl_detail": "questions and answers",
            "hitl_detail_history": "the same of earlier tries",
            "deadline": "",
            "asset_dag_run_queue": "",
            "asset_partition_dag_run": "",
            "dagrun_asset_event": "",
            "backfill_dag_run": "",
        },
        "text emptied for the person's runs, where `OFFICEFLOW_PARKING_DATABASE_URL` is set": {
            "log": "`extra`: the conf of requests to the API",
        },
        "goes by itself once the task goes on": {
            "trigger": "`kwargs` of what a waiting task waits for",
            "callback": "",
            "connection_test_request": "logins of connections",
        },
        "OfficeFlow's DAGs write nothing there; hand-written DAGs may": {
            "asset_event": "`extra`",
            "asset_state_store": "`value`",
            "partitioned_asset_key_log": "",
            "backfill": "`dag_run_conf`",
            "variable": "`val`",
            "celery_taskmeta": "results of Celery: states alone",
            "celery_tasksetmeta": "",
        },
        LOGINS: {
            "ab_user": "names, addresses",
            "ab_register_user": "",
            "ab_user_role": "",
            "ab_user_group": "",
            "ab_group": "",
            "ab_group_role": "",
            "ab_role": "",
            "ab_permission": "",
            "ab_permission_view": "",
            "ab_permission_view_role": "",
            "ab_view_menu": "",
            "session": "signed-in browsers",
            "revoked_token": "",
            "dag_favorite": "",
            "connection": "logins of systems",
        },
        DEFINED: {
            "asset": "",
            "asset_active": "",
            "asset_alias": "",
            "asset_alias_asset": "",
            "asset_alias_asset_event": "",
            "asset_watcher": "",
            "dag": "",
            "dag_bundle": "",
            "dag_bundle_team": "",
            "dag_code": "the stub of each workflow",
            "dag_owner_attributes": "",
            "dag_priority_parsing_request": "",
            "dag_schedule_asset_alias_reference": "",
            "dag_schedule_asset_name_reference": "",
            "dag_schedule_asset_reference": "",
            "dag_schedule_asset_uri_reference": "",
            "dag_tag": "",
            "dag_version": "",
            "dag_warning": "",
            "deadline_alert": "",
            "import_error": "",
            "serialized_dag": "definitions of workflows, as in `workflow_versions`",
            "task_inlet_asset_reference": "",
            "task_outlet_asset_reference": "",
        },
        "holds nothing of a person": {
            "alembic_version": "",
            "alembic_version_fab": "",
            "job": "",
            "log_template": "",
            "slot_pool": "",
            "team": "",
        },
    }
)
"""By what an erasure does: tables, each with what of a person it may hold."""


INTRODUCTION = """\
Which columns may hold something of a person whom workflows are about, and what `person erase` does to them
([A person's data](privacy.md)). Columns that are not named hold numbers, moments, states or ids of
OfficeFlow's own. `python -m officeflow.privacy.inventory` prints this page; a test fails for a table or a
column that nobody has answered for."""


def page() -> str:
    """In Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Where personal data stands"
    yield ""
    yield INTRODUCTION
    yield ""
    yield "## OfficeFlow's database"
    yield ""
    yield "| table | columns | an erasure |"
    yield "|---|---|---|"
    for table, answers in OURS.items():
        for answer in answers:
            if answer.fate is not NOTHING:
                columns = ", ".join(f"`{name}`" for name in answer.columns)
                told = f"{answer.fate}{f': {answer.why}' if answer.why else ''}"
                yield f"| `{table}` | {columns} | {told} |"
    yield ""
    empty = [
        f"`{table}`" for table, answers in OURS.items() if all(answer.fate is NOTHING for answer in answers)
    ]
    yield f"Nothing of a person is in {', '.join(empty)}."
    yield ""
    yield "## Airflow's database"
    yield ""
    yield "| an erasure | tables |"
    yield "|---|---|"
    for done, tables in AIRFLOW.items():
        named = ", ".join(f"`{table}`{f' ({what})' if what else ''}" for table, what in tables.items())
        yield f"| {done} | {named} |"


if __name__ == "__main__":
    sys.stdout.write(page())
