"""Airflow's templates and XComs in our operators, and what of it is data that nobody reads as a template."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import pytest
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization
from jinja2 import StrictUndefined

from dag_factory.airflow_dag import build
from officeflow.expressions.data import Verbatim, as_data
from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeParams, NodeSpec, Sensitive
from operators.audit import RecordOperator
from operators.base import NodeOperator
from operators.email import SendOperator
from operators.flow import SetOperator
from operators.identity import FindAccountOperator
from tests.dag_factory.conftest import content_hash, definition
from tests.operators.rendering import HOSTILE, Rendered, people, record


@pytest.mark.parametrize(
    ("written", "given"),
    [
        ("{{ params.who }} on {{ ds }}", "ana on 2026-01-05"),
        ("${{ event.employee }} by {{ params.who }}", "${{ event.employee }} by ana"),
        ("$${{ as it is }} {{ params.who }}", "$${{ as it is }} ana"),
        ("{{ params.price }}${{ event.employee }}", '5${{ "$" }}${{ event.employee }}'),
        ("${{ {'a': {'b': 1}}['a'] }}{{ params.who }}", "${{ {'a': {'b': 1}}['a'] }}ana"),
        ("${{ event.employee }}", "${{ event.employee }}"),
        ("{{ params.bad }}", HOSTILE),
        ("${{ event.employee }} {{ params.bad }}", "${{ event.employee }} " + HOSTILE.replace("${{", "$${{")),
        ("plain\n", "plain\n"),
    ],
)
def test_airflow_renders_its_templates_and_leaves_our_expressions_alone(written: str, given: str) -> None:
    task = Rendered(record(written)).render(who="ana", price="5$", bad=HOSTILE)
    assert task.node_params["subject"] == given


def test_a_rendered_value_is_data_and_an_authors_text_is_not() -> None:
    params = Rendered(record(node_params={"action": "${{ 1 }}", "subject": "{{ params.bad }}"})).render(
        bad="b"
    )
    assert isinstance(params.node_params["subject"], Verbatim)
    assert not isinstance(params.node_params["action"], Verbatim)


def test_names_are_rendered_and_looked_at() -> None:
    find = FindAccountOperator(
        task_id="f", org="{{ params.o }}", connection="{{ params.c }}", node_params={"login": "a"}
    )
    task = Rendered(find).render(o="acme", c="directory")
    assert (task.org, task.connection) == ("acme", "directory")
    refused = Rendered(find).render(o="acme", c="other.directory")
    assert "cannot be a name" in str(refused._refused)


def test_an_xcom_arg_keeps_its_type_and_sets_the_order() -> None:
    with DAG("x", schedule=None) as dag:
        node = SetOperator(
            task_id="set",
            org="acme",
            node_params={"values": {"people": people(), "at": people.override(task_id="at")()}},
        )
    assert node.upstream_task_ids == {"people", "at"}
    at = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
    params = Rendered(dag.get_task("set"), {"people": ["a", {"b": 1}], "at": at}).render().node_params
    assert params == {"values": {"people": ["a", {"b": 1}], "at": "2026-01-05T00:00:00Z"}}


def test_a_function_may_give_the_parameters() -> None:
    def given(context: Any, jinja_env: Any) -> dict[str, Any]:
        return {"action": context["ds"], "subject": HOSTILE}

    task = Rendered(record(node_params=given)).render()
    assert task.node_params == {"action": "2026-01-05", "subject": HOSTILE}


def test_native_objects_of_a_template_keep_their_types() -> None:
    with DAG("x", schedule=None, render_template_as_native_obj=True) as dag:
        SetOperator(
            task_id="set",
            org="acme",
            node_params={"values": {"n": "{{ params.n }}", "m": "{{ [params.bad] }}"}},
        )
    params = Rendered(dag.get_task("set")).render(n=3, bad=HOSTILE).node_params
    assert params == {"values": {"n": 3, "m": [HOSTILE]}}


def test_another_nodes_output_is_read_from_the_ledger_which_has_all_of_it() -> None:
    with DAG("x", schedule=None):
        find = FindAccountOperator(
            task_id="f-1", org="acme", connection="directory", node_params={"login": "a"}
        )
        found: Any = find.output
        mail = SendOperator(
            task_id="mail",
            org="acme",
            connection="mail",
            node_params={"to": [found["login"]], "subject": "x", "text": found["display_name"]},
        )
    params = Rendered(mail).render().node_params
    assert params["to"] == ['${{ nodes["f-1"].output["login"] }}']
    assert params["text"] == '${{ nodes["f-1"].output["display_name"] }}'
    assert mail.upstream_task_ids == {"f-1"}


def test_a_nodes_own_templates_are_not_airflows() -> None:
    text = "Hello {{ employee.given_name }}, {{ nodes.find.output.login }}"
    mail = SendOperator(
        task_id="mail",
        org="acme",
        connection="mail",
        node_params={"to": ["a@b.c"], "subject": "x", "text": text},
    )
    assert Rendered(mail).render().node_params["text"] == text


def test_a_value_that_xcom_does_not_have_is_refused_instead_of_used() -> None:
    with DAG("x", schedule=None):
        tasks = [record("{{ ti.xcom_pull('f')['login'] }}", "template"), record(people(), "arg")]
    for each in tasks:
        task = Rendered(each, {"f": {"login": "***"}, "people": "***"}).render()
        assert "params.subject: is ***: XCom has no sensitive values" in str(task._refused)


def generated(params: dict[str, Any]) -> DAG:
    drawn = definition(
        "rendered", nodes=[{"id": "record", "type": "audit.record", "params": params}], edges=[]
    )
    return build("acme", drawn, version=1, content_hash=content_hash(drawn))


def test_what_a_tenant_drew_is_never_rendered_by_airflow_nor_shown_by_it() -> None:
    params = {"action": "a", "subject": HOSTILE, "details": {"x": "{{ conn }}"}}
    task = generated(params).get_task("record")
    for fields in ((), ("org", "connection", "node_params")):
        rendered = Rendered(task)
        rendered.render()
        rendered.task._do_render_template_fields(rendered.task, fields, rendered.context, None, set())
        assert rendered.task.node_params == params
        assert rendered.shown == {}
    [stored] = DagSerialization.to_dict(generated(params))["dag"]["tasks"]
    assert stored["__var"]["template_fields"] == []
    assert "node_params" not in stored["__var"]


class SecretParams(NodeParams):
    password: Annotated[str, Sensitive]
    who: str


class Secret(Node[SecretParams, None, NodeOutput]):
    spec = NodeSpec(type="test.secret", title="Secret", group="Test", effect=Effect.PURE, evidence="None.")

    def perform(self, params: SecretParams, provider: None, act: Act) -> NodeOutput:
        return NodeOutput()


class SecretOperator(NodeOperator):
    node = Secret


def test_a_sensitive_parameter_is_not_among_the_rendered_templates_and_reaches_the_node() -> None:
    given = Rendered(
        SecretOperator(
            task_id="s", org="acme", node_params={"password": "{{ params.p }}", "who": "{{ params.w }}"}
        )
    )
    task = given.render(p="s3", w="ana")
    assert given.shown["node_params"] == {"password": "***", "who": "ana"}
    assert task.node_input(given.context).params == {"password": "s3", "who": "ana"}


def test_what_a_mapping_brings_is_data_and_what_the_file_says_is_not() -> None:
    given = {"action": "a", "subject": HOSTILE}
    with DAG("x", schedule=None, params={"who": "ana"}) as dag:
        RecordOperator.partial(task_id="told", org="acme").expand(node_params=people())
        RecordOperator.partial(task_id="all").expand_kwargs(people.override(task_id="rows")())
        RecordOperator.partial(task_id="loose", org="b", node_params={}).expand_kwargs(
            people.override(task_id="rows2")(), strict=False
        )
        RecordOperator.partial(task_id="literal", org="acme").expand(
            node_params=[{"action": "a", "subject": "{{ params.who }} ${{ event.employee }}"}]
        )
    rows = [{"org": "acme", "node_params": given}]
    for key in ("told", "all", "loose"):
        task = Rendered(
            dag.get_task(key), {"people": [given], "rows": rows, "rows2": rows}, map_index=0
        ).render()
        assert task.node_params == given
        assert isinstance(task.node_params["subject"], Verbatim)
        assert task.org == "acme"
    task = Rendered(dag.get_task("literal"), map_index=0).render()
    assert task.node_params["subject"] == "ana ${{ event.employee }}"


def test_a_mapping_that_brings_no_dictionaries_is_refused() -> None:
    with DAG("x", schedule=None) as dag:
        RecordOperator.partial(task_id="told", org="acme").expand(node_params=people())
    task = Rendered(dag.get_task("told"), {"people": ["ana"]}, map_index=0).render()
    assert "params: are an object, not text (map or return dictionaries)" in str(task._refused)


def test_what_has_no_form_in_json_is_named() -> None:
    with DAG("x", schedule=None):
        given = record(people())
    task = Rendered(given, {"people": object()}).render()
    assert "params.subject: is a object, which JSON has no form for" in str(task._refused)
    assert as_data({"a": (1, {dt.date(2026, 1, 5)})}, "x") == {"a": [1, ["2026-01-05"]]}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{{ params.nobody }}", "reads 'nobody', which is not there"),
        ("{{ nobody }}", "reads 'nobody', which is not there"),
        ("{{ params.who | nofilter }}", "No filter named 'nofilter'"),
        ("{{ params.who + 1 }}", "cannot be rendered: TypeError"),
        ("{{ 1 / 0 }}", "cannot be rendered: ZeroDivisionError"),
    ],
)
def test_a_template_that_no_other_try_would_render_is_refused_with_its_field(written: str, said: str) -> None:
    given = record("x", node_params={"action": "a", "subject": "{{ ds }}", "details": {"who": [written]}})
    given.dag = DAG("x", schedule=None, template_undefined=StrictUndefined)
    task = Rendered(given).render(who="ana")
    assert "params.details.who[0]: Airflow's template " in str(task._refused)
    assert said in str(task._refused)


def test_a_name_whose_template_reads_what_is_not_there_is_refused() -> None:
    task = Rendered(record(org="{{ params.nobody.x }}")).render()
    assert "org: Airflow's template reads 'nobody', which is not there" in str(task._refused)


def test_a_template_that_reads_from_what_is_away_keeps_its_tries() -> None:
    tried = Rendered(record('{{ ti.xcom_pull("who") }}'))

    def away(*_: Any, **__: Any) -> None:
        raise ConnectionError("the database is away")

    tried.ti.xcom_pull = away
    with pytest.raises(ConnectionError, match="away"):
        tried.render()
