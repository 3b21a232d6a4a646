"""Airflow's templates and XComs in our operators, and what of it is data that nobody reads as a template."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from airflow.sdk import DAG, TaskGroup, task, task_group
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, DownstreamTasksSkipped
from airflow.sdk.execution_time.task_runner import _serialize_rendered_fields
from airflow.serialization.serialized_objects import DagSerialization
from jinja2 import StrictUndefined
from sqlalchemy import select

from dag_factory.airflow_dag import build
from officeflow.database.tables import NodeRefusal, NodeRun, WorkflowRun
from officeflow.expressions.data import Verbatim, as_data
from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeParams, NodeSpec, Sensitive
from operators.audit import RecordOperator
from operators.base import NodeOperator
from operators.email import SendOperator
from operators.flow import BranchOperator, JoinOperator, SetOperator
from operators.identity import FindAccountOperator
from tests.dag_factory.conftest import content_hash, definition
from tests.operators.conftest import Try

if TYPE_CHECKING:
    from officeflow.database.engine import Database

HOSTILE = "{{ 7 * 7 }} ${{ org.slug }} $${{ x }} {% if %}"
"""What a tenant may have typed: a template of Airflow's, one of ours, an expression."""


class Rendered(Try):
    """A try whose task Airflow renders first; `xcoms` are what other tasks have pushed, by id or by id and
    key.
    """

    def __init__(
        self, given: Any, xcoms: dict[Any, Any] | None = None, *, map_index: int = -1, **kwargs: Any
    ) -> None:
        super().__init__(
            given.prepare_for_execution(), **kwargs
        ) if not given.is_mapped else super().__init__(_Unmapped(given), **kwargs)
        self.xcoms = xcoms or {}
        self.ti.map_index = map_index
        self.ti.xcom_pull = self._pull
        self.given = given

    def _pull(self, task_ids: str, key: str = "return_value", default: Any = None, **_: Any) -> Any:
        return self.xcoms.get(
            (task_ids, key), self.xcoms.get(task_ids, default) if key == "return_value" else default
        )

    def render(self, **params: Any) -> Any:
        """The task as Airflow executes it."""
        conf = SimpleNamespace(conf=params.pop("conf", None))
        self.context: Any = {
            "ti": self.ti,
            "dag_run": conf,
            "params": params,
            "dag": self.given.get_dag(),
            "ds": "2026-01-05",
        }
        task = self.given if self.given.is_mapped else self.task
        self.context["task"] = task
        task.render_template_fields(self.context)
        return self.context["task"]

    def run(self, **params: Any) -> Any:
        return self.render(**params).execute(self.context)

    @property
    def shown(self) -> Any:
        """What Airflow keeps for its page *Rendered Templates*."""
        return _serialize_rendered_fields(self.context["task"])


class _Unmapped(SimpleNamespace):
    def __init__(self, given: Any) -> None:
        super().__init__(task_id=given.task_id, retries=given.retries)


def record(subject: Any = "x", task_id: str = "record", **given: Any) -> RecordOperator:
    return RecordOperator(
        **{"task_id": task_id, "org": "acme", "node_params": {"action": "a", "subject": subject}, **given}
    )


@task
def people() -> list[str]:
    return []


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
        mail = SendOperator(
            task_id="mail",
            org="acme",
            connection="mail",
            node_params={"to": [find.output["login"]], "subject": "x", "text": find.output["display_name"]},
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


def rows(database: Database, table: Any) -> list[Any]:
    with database.service() as session:
        return list(session.scalars(select(table)))


@pytest.mark.integration
@pytest.mark.usefixtures("officeflow")
class TestInTheLedger:
    def test_data_is_taken_as_it_is_to_the_end(self) -> None:
        assert Rendered(record("{{ params.bad }}")).run(bad=HOSTILE)["subject"] == HOSTILE
        mixed = Rendered(record("${{ org.slug }}: {{ params.bad }}", "mixed")).run(bad=HOSTILE)
        assert mixed["subject"] == f"acme: {HOSTILE}"
        price = Rendered(record("{{ params.price }}${{ org.slug }}", "price")).run(price="5$")
        assert price["subject"] == "5$acme"

    def test_a_refused_rendering_is_kept_with_the_run(self, database: Database) -> None:
        with pytest.raises(AirflowFailException, match="XCom has no sensitive values"):
            Rendered(record("{{ params.who }}")).run(who="***")
        assert [refusal.node_key for refusal in rows(database, NodeRefusal)] == ["record"]

    def test_a_value_that_is_not_there_fails_at_once_and_is_kept_with_the_run(
        self, database: Database
    ) -> None:
        given = SetOperator(
            task_id="facts", org="acme", node_params={"values": {"x": "{{ params.nobody.x }}"}}
        )
        with pytest.raises(
            AirflowFailException, match=r"params\.values\.x: Airflow's template reads 'nobody'"
        ):
            Rendered(given).run()
        (refusal,) = rows(database, NodeRefusal)
        assert (refusal.node_key, refusal.error_details["problems"][0]["path"]) == (
            "facts",
            "params.values.x",
        )

    def test_the_key_stays_and_a_value_that_changed_after_the_act_is_refused(
        self, database: Database
    ) -> None:
        Rendered(record("{{ params.who }}")).run(who="ana")
        with pytest.raises(
            AirflowFailException, match=r"parameters_changed: record was done with other parameters"
        ):
            Rendered(record("{{ params.who }}"), number=2).run(who="ben")
        assert Rendered(record("{{ params.who }}"), number=3).run(who="ana")["subject"] == "ana"
        assert len(rows(database, NodeRun)) == 1

    def test_each_mapping_is_an_act_of_its_own_and_a_later_node_reads_the_list(
        self, database: Database
    ) -> None:
        with DAG("handmade", schedule=None) as dag:
            mapped = RecordOperator.partial(task_id="group.each", org="acme").expand(node_params=people())
            record(
                node_params={
                    "action": "a",
                    "subject": "${{ nodes['group.each'].output.map(o, o.subject).join('+') }}",
                }
            )
            record(
                mapped.output,
                "by_output",
                node_params={"action": "a", "subject": "b", "details": {"all": mapped.output}},
            )
        given = {"people": [{"action": "a", "subject": name} for name in ("ana", "ben")]}
        for index in (1, 0):
            Rendered(dag.get_task("group.each"), given, map_index=index).run()
        assert Rendered(dag.get_task("record")).run()["subject"] == "ana+ben"
        Rendered(dag.get_task("by_output")).run()
        [run] = rows(database, WorkflowRun)
        keys = {row.idempotency_key for row in rows(database, NodeRun) if row.run_id == run.run_id}
        assert len(keys) == 4

    def test_in_a_mapped_group_a_node_reads_the_output_of_its_own_mapping(self) -> None:
        with DAG("handmade", schedule=None) as dag:

            @task_group
            def each(name: str) -> None:
                first = record(name, "first")
                first >> record("${{ nodes['each.first'].output.subject }}!", "second")
                record(first.output["subject"], "third")

            each.expand(name=["ana", "ben"])
        for index in (0, 1):
            self._run(dag, "each.first", index)
        assert [self._run(dag, f"each.{key}", 1)["subject"] for key in ("second", "third")] == ["ben!", "ben"]

    def test_in_a_mapped_group_a_condition_skips_its_own_mapping_alone(self) -> None:
        with DAG("handmade", schedule=None) as dag:

            @task_group
            def each(name: str) -> None:
                record(
                    name, "first", conditions={"each.second": "nodes['each.first'].output.subject == 'ana'"}
                ) >> record(name, "second")

            each.expand(name=["ana", "ben"])
        pushed = {}
        for index in (0, 1):
            tried = Rendered(dag.get_task("each.first"), map_index=index)
            tried.run()
            pushed[index] = {("each.first", key): value for key, value in tried.pushed.items()}
        assert Rendered(dag.get_task("each.second"), pushed[0], map_index=0).run()["subject"] == "ana"
        with pytest.raises(AirflowSkipException, match=r"each\.first decided against it"):
            Rendered(dag.get_task("each.second"), pushed[1], map_index=1).run()

    @staticmethod
    def _run(dag: DAG, key: str, index: int) -> Any:
        return Rendered(dag.get_task(key), map_index=index).run()

    def test_a_branch_goes_where_its_parameters_say_and_a_join_knows_who_came(self) -> None:
        with DAG("handmade", schedule=None) as dag, TaskGroup("way"):
            params = {"value": "{{ params.way }}", "choices": {"1": "way.one", "2": "way.two"}}
            pick = BranchOperator(task_id="pick", org="acme", node_params=params)
            join = JoinOperator(task_id="join", org="acme")
            pick >> [record("1", "one"), record("2", "two")] >> join
        tried = Rendered(pick)
        with pytest.raises(DownstreamTasksSkipped) as left:
            tried.run(way="2")
        assert left.value.tasks == ["way.one"]
        assert tried.pushed["taken"] == ["way.two"]
        assert join.trigger_rule == "none_failed_min_one_success"
        Rendered(dag.get_task("way.two")).run()
        told = Rendered(join).run()
        assert (told["taken"], told["left_out"]) == (["way.two"], ["way.one"])

    def test_the_docstrings_example_runs(self, monkeypatch: pytest.MonkeyPatch, scim_server: Any) -> None:
        import json

        import operators.base
        from operators.identity import SuspendAccountOperator

        example = (operators.base.__doc__ or "").split("In a hand-written DAG:")[1].split("\n\n")[1].strip()
        with DAG("handmade", schedule=None, params={"login": "ana"}) as dag:
            task = eval(example, {"SuspendAccountOperator": SuspendAccountOperator})  # noqa: S307 - it is ours
        dag.resolve_template_files()
        connection = {"conn_type": "scim", "host": scim_server.url, "password": scim_server.token}
        monkeypatch.setenv("AIRFLOW_CONN_ACME.DIRECTORY", json.dumps(connection))
        with scim_server.client() as client:
            client.post("/Users", json={"userName": "ana", "active": True}).raise_for_status()
        assert Rendered(task).run(login="ana")["changed"] is True
