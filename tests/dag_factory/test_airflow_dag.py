"""What Airflow gets for a definition."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dag_factory.airflow_dag import build
from officeflow.errors import InvalidDefinition
from officeflow.events.lifecycle import SENSITIVE_NAMES
from officeflow.events.topics import KINDS
from operators.base import NodeOperator
from tests.dag_factory.conftest import definition

HASH = "ab" * 32
RECORD = {"action": "demo", "subject": "employee:1"}


def dag_of(**changes: Any) -> DAG:
    return build("acme", definition("hello", **changes), version=3, content_hash=HASH)


def task_of(dag: DAG, key: str) -> NodeOperator:
    task = dag.get_task(key)
    assert isinstance(task, NodeOperator)
    return task


def record(key: str, **changes: Any) -> dict[str, Any]:
    return {"id": key, "type": "audit.record", "params": RECORD, **changes}


def test_the_dag_is_named_and_tagged_after_organization_workflow_and_trigger() -> None:
    dag = dag_of(tags=["joiner"], owner="IT operations")
    assert dag.dag_id == "acme__hello"
    assert dag.tags == {"org:acme", "trigger:employee.onboard", "joiner"}
    assert {task.owner for task in dag.tasks} == {"IT operations"}
    assert not dag.catchup
    assert dag.max_active_runs > 10_000
    assert dag.is_paused_upon_creation is False


def test_there_are_no_callbacks_because_they_would_make_airflow_parse_the_file_for_ever() -> None:
    dag = dag_of()
    assert not dag.has_on_success_callback
    assert not dag.has_on_failure_callback


def test_the_document_names_the_content_hash_by_which_a_publisher_knows_that_airflow_shows_it() -> None:
    document = dag_of(
        trigger={"events": ["employee.onboard"], "filter": 'event.payload.a == "x" || true'}
    ).doc_md
    assert document is not None
    assert f"sha256:{HASH}" in document
    assert 'event.payload.a == "x" \\|\\| true' in document


def test_a_node_becomes_the_operator_of_its_type_with_all_that_the_definition_says() -> None:
    node = record("a", name="Put on record", timeoutMs=7000, retryPolicy={"maxRetries": 5, "backoffMs": 250})
    task = task_of(dag_of(nodes=[node], edges=[]), "a")
    assert type(task).__name__ == "RecordOperator"
    assert task.task_display_name == "Put on record"
    assert task.execution_timeout == dt.timedelta(seconds=7)
    assert task.retries == 5
    assert task.retry_delay == dt.timedelta(milliseconds=250)
    assert not task.do_xcom_push
    assert task.queue == "default"
    assert not task.template_fields
    given = (task.org, task.node_params, task.connection, task.workflow, task.version)
    assert given == ("acme", RECORD, None, "hello", 3)


def test_a_nodes_document_says_what_it_does_with_which_parameters() -> None:
    document = dag_of(nodes=[record("a")], edges=[]).get_task("a").doc_md
    assert document is not None
    assert "Write an entry into the organization's audit log" in document
    assert '"subject": "employee:1"' in document


def test_tenants_text_that_looks_like_a_file_or_a_template_is_only_text() -> None:
    params = {"action": "{{ var.value.secret }}", "subject": "/etc/passwd.md"}
    dag = dag_of(
        nodes=[record("a", params=params, name="x.md")],
        edges=[],
        name="README.md",
        description="{{ conf }} notes.md",
    )
    assert task_of(dag, "a").node_params == params
    assert dag.doc_md is not None
    assert "{{ conf }} notes.md" in dag.doc_md


@pytest.mark.parametrize(("kind", "weight"), [("employee.exit", 10), ("employee.onboard", 1)])
def test_leavers_come_first_and_the_length_of_a_workflow_counts_nothing(kind: str, weight: int) -> None:
    dag = dag_of(trigger={"events": [kind]})
    assert len(dag.tasks) > 1
    assert {(task.priority_weight, str(task.weight_rule)) for task in dag.tasks} == {(weight, "absolute")}


def test_a_chain_follows_its_edges() -> None:
    dag = dag_of()
    assert {task.task_id: task.downstream_task_ids for task in dag.tasks} == {
        "a": {"b"},
        "b": {"c"},
        "c": set(),
    }
    assert {task.trigger_rule for task in dag.tasks} == {"all_success"}


CONDITIONAL = {
    "nodes": [record(key) for key in "abcd"],
    "edges": [
        {"from": "a", "to": "b", "condition": "nodes.a.output.changed", "label": "changed"},
        {"from": "a", "to": "c"},
        {"from": "b", "to": "d"},
        {"from": "c", "to": "d", "condition": "event.payload.x == 1"},
    ],
}


def test_a_condition_is_decided_by_its_source_and_labels_the_arrow() -> None:
    dag = dag_of(**CONDITIONAL)
    source = task_of(dag, "a")
    assert source.conditions == {"b": "nodes.a.output.changed"}
    assert source.inherits_from_skipmixin
    assert dag.get_edge_info("a", "b") == {"label": "changed"}
    assert not dag.get_task("b").inherits_from_skipmixin


def test_a_conditional_edge_into_a_join_is_a_task_that_costs_no_process() -> None:
    dag = dag_of(**CONDITIONAL)
    edge = dag.get_task("edge__c__d")
    assert edge.inherits_from_empty_operator
    assert edge.task_display_name == "event.payload.x == 1"
    assert edge.downstream_task_ids == {"d"}
    assert task_of(dag, "c").conditions == {"edge__c__d": "event.payload.x == 1"}
    assert dag.get_task("d").upstream_task_ids == {"b", "edge__c__d"}
    assert dag.get_task("d").trigger_rule == "none_failed_min_one_success"


STEERED = {
    "nodes": [
        {
            "id": "pick",
            "type": "flow.branch",
            "params": {"cases": [{"when": "event.payload.x == 1", "to": ["b", "j"]}], "default": "c"},
        },
        record("b"),
        record("c"),
        {"id": "j", "type": "flow.join", "params": {"mode": "any"}},
        {"id": "stop", "type": "flow.fail", "params": {"message": "no"}},
    ],
    "edges": [
        *({"from": "pick", "to": key} for key in "bcj"),
        {"from": "b", "to": "j", "condition": "nodes.b.output.changed"},
        {"from": "c", "to": "stop"},
    ],
}


def test_a_branch_skips_through_airflows_own_way_of_skipping() -> None:
    pick = task_of(dag_of(**STEERED), "pick")
    assert type(pick).__name__ == "BranchOperator"
    assert pick.conditions == {
        "b": '"b" in nodes.pick.output.taken',
        "c": '"c" in nodes.pick.output.taken',
        "edge__pick__j": '"j" in nodes.pick.output.taken',
    }
    assert pick.inherits_from_skipmixin


def test_a_join_has_the_trigger_rule_of_its_mode_and_knows_its_edges() -> None:
    dag = dag_of(**STEERED)
    join = task_of(dag, "j")
    assert join.trigger_rule == "one_success"
    assert join.node_params == {
        "mode": "any",
        "sources": {
            "pick": '"pick" in nodes && ("j" in nodes.pick.output.taken)',
            "b": '"b" in nodes && (nodes.b.output.changed)',
        },
    }
    assert dag.get_edge_info("pick", "c") == {"label": "otherwise"}
    assert dag.get_task("edge__pick__j").task_display_name == "event.payload.x == 1"


def trigger(given: dict[str, Any], *kinds: str) -> None:
    """What Airflow's API does with the conf of a new run, on its own copy of the DAG."""
    copy = DagSerialization.from_dict(DagSerialization.to_dict(form(*kinds)))
    copy.params.deep_merge(given).validate()


def form(*kinds: str) -> DAG:
    return dag_of(trigger={"events": list(kinds or ("employee.onboard",))})


@pytest.mark.parametrize("kinds", [("employee.onboard",), KINDS], ids=["one kind", "all kinds"])
@pytest.mark.parametrize(
    "given",
    [
        {"event": {"id": "e-1", "kind": "employee.onboard", "payload": {}}, "correlation_id": "c-1"},
        {
            "specversion": "1.0",
            "id": "e-1",
            "type": "employee.onboard",
            "time": "2026-01-05T09:00:00Z",
            "data": {},
        },
        {
            "kind": "employee.onboard",
            "employee": "E-1",
            "payload": {"start_date": "2026-02-30"},
            "time": None,
            "correlation_id": None,
        },
        {"kind": 7, "employee": {}, "payload": [], "time": False, "correlation_id": 1.5},
        {"kind": "employee.other", "time": "yesterday"},
    ],
    ids=["the dispatcher's", "a CloudEvent", "the form's", "of other types", "of other values"],
)
def test_airflows_own_check_lets_every_form_of_a_run_pass_to_ours(
    given: dict[str, Any], kinds: Sequence[str]
) -> None:
    trigger(given, *kinds)


def test_the_form_asks_for_kind_person_and_payload_and_explains_every_field() -> None:
    params = form().params
    assert list(params) == ["kind", "employee", "payload", "time", "correlation_id"]
    assert params["kind"] == "employee.onboard"
    shown = {name: params.get_param(name).schema for name in params}
    assert all(schema["title"] and schema["description_md"] for schema in shown.values())
    assert '"given_name": "Ana"' in shown["payload"]["description_md"]
    assert "| start_date | date | First working day. |" in shown["payload"]["description_md"]
    assert not [name for name in SENSITIVE_NAMES if f"| {name} |" in shown["payload"]["description_md"]]


def test_of_several_kinds_none_is_preselected_and_airflow_insists_on_one() -> None:
    kind = form("employee.exit", "employee.transfer").params.get_param("kind")
    assert (kind.value, kind.schema["type"]) == (
        "",
        "string",
    )  # Airflow's form wants a text that is not empty
    assert kind.schema["enum"] == ["", "employee.exit", "employee.transfer"]


def test_airflow_shows_the_workflows_name() -> None:
    assert dag_of(name="Say hello").dag_display_name == "Say hello"


def test_the_form_costs_a_new_run_no_check_of_the_events_schemas() -> None:
    """Airflow checks each schema at every new run, before it checks the value."""
    schemas = [
        form(*KINDS).params.get_param(name).schema
        for name in ("kind", "employee", "payload", "time", "correlation_id")
    ]
    assert not [
        schema
        for schema in schemas
        if schema.keys() & {"properties", "anyOf", "allOf", "items"}
        or schema["definitions"] != {"anything": {}}
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"nodes": [{"id": "a", "type": "nope.nothing"}], "edges": []}, "nope.nothing"),
        ({"nodes": [{"id": "a", "type": "audit.nothing"}], "edges": []}, "audit.nothing"),
        ({"edges": [{"from": "a", "to": "b"}, {"from": "b", "to": "a"}]}, "cycle"),
        ({"edges": [{"from": "a", "to": "z"}]}, "z"),
        ({"nodes": []}, "nodes"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_cannot_be_built_is_an_invalid_definition_that_names_the_reason(
    changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InvalidDefinition, match=reason):
        dag_of(**changes)


def test_the_queue_of_nodes_is_the_one_that_the_settings_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from dag_factory import airflow_dag

    monkeypatch.setenv("OFFICEFLOW_NODE_QUEUE", "nodes")
    airflow_dag._queue.cache_clear()
    try:
        dag = dag_of(**CONDITIONAL)
    finally:
        airflow_dag._queue.cache_clear()
    assert {task.queue for task in dag.tasks if not task.inherits_from_empty_operator} == {"nodes"}


@st.composite
def drawings(draw: st.DrawFn) -> dict[str, Any]:
    """Nodes n0, n1, … with edges that point to later ones, some of them conditional."""
    count = draw(st.integers(1, 8))
    pairs = [(i, j) for j in range(count) for i in range(j)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    edges = []
    for source, target in chosen:
        edge = {"from": f"n{source}", "to": f"n{target}"}
        condition = draw(st.sampled_from([None, "true", f"nodes.n{source}.output.changed"]))
        edges.append({**edge, "condition": condition} if condition else edge)
    names = draw(st.lists(st.text(min_size=1, max_size=30), min_size=count, max_size=count))
    return {
        "nodes": [record(f"n{i}", name=name) for i, name in enumerate(names)],
        "edges": edges,
        "description": draw(st.text(max_size=200)),
    }


@given(drawing=drawings())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_drawing_without_a_cycle_builds_and_every_edge_is_a_way_in_airflow(
    drawing: dict[str, Any],
) -> None:
    dag = dag_of(**drawing)
    for edge in drawing["edges"]:
        source, target = edge["from"], edge["to"]
        ways = dag.get_task(source).downstream_task_ids
        assert target in ways or dag.get_task(f"edge__{source}__{target}").downstream_task_ids == {target}
        if "condition" in edge:
            skipped = task_of(dag, source).conditions
            assert (target in skipped) != (f"edge__{source}__{target}" in skipped)


def test_the_form_is_in_the_serialized_dag_once_and_not_again_with_every_task() -> None:
    written = DagSerialization.to_dict(form())["dag"]
    assert [name for name, _ in written["params"]] == [
        "kind",
        "employee",
        "payload",
        "time",
        "correlation_id",
    ]
    assert [task for task in written["tasks"] if task["__var"].get("params")] == []


def test_a_loop_is_a_mapped_group_over_the_rounds_that_its_first_node_tells() -> None:
    loop = {"id": "all", "type": "flow.for_each", "name": "Each", "params": {"items": [1], "at_once": 4}}
    nodes = [loop, record("x", each="all"), record("y", each="all"), record("end")]
    edges = [
        {"from": "x", "to": "y", "condition": "item > 0", "label": "more"},
        {"from": "all", "to": "end"},
    ]
    dag = dag_of(nodes=nodes, edges=edges)
    x, y, begins = task_of(dag, "x"), task_of(dag, "y"), task_of(dag, "all")
    group = x.get_closest_mapped_task_group()
    assert group is not None
    assert (group.group_id, group.group_display_name, set(group.children)) == ("each-all", "Each", {"x", "y"})
    assert [op.task_id for op in group.iter_mapped_dependencies()] == ["all"]
    assert begins.do_xcom_push
    assert (x.max_active_tis_per_dagrun, begins.max_active_tis_per_dagrun) == (4, None)
    assert x.upstream_task_ids == {"all"}
    assert (y.upstream_task_ids, y.conditions, x.conditions) == ({"x"}, {}, {})
    assert y.rounds.arrivals == ('"x" in nodes && (item > 0)',)
    assert dag.get_edge_info("x", "y") == {"label": "more"}
    behind = dag.get_task("edge__all-rounds")
    assert behind.upstream_task_ids == {"all", "y"}
    assert dag.get_task("end").upstream_task_ids == {"edge__all-rounds"}


def test_every_edge_has_its_label_in_airflows_graph() -> None:
    nodes = [record("a"), record("b"), record("c"), record("d", join="all")]
    edges = [
        {"from": "a", "to": "b", "condition": "event.payload.x == 1"},
        {"from": "a", "to": "c", "default": True},
        {"from": "b", "to": "d", "label": "done"},
        {"from": "c", "to": "d", "condition": "true", "label": "also"},
    ]
    dag = dag_of(nodes=nodes, edges=edges)
    labels = {
        pair: dag.get_edge_info(*pair).get("label")
        for pair in (("a", "b"), ("a", "c"), ("b", "d"), ("c", "edge__c__d"))
    }
    assert list(labels.values()) == ["event.payload.x == 1", "otherwise", "done", "also"]
    assert dag.get_task("d").trigger_rule == "all_success"
