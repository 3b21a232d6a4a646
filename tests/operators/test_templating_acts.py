"""What was rendered, in acts and in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import DAG, TaskGroup, task_group
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, DownstreamTasksSkipped
from sqlalchemy import select

from officeflow.database.tables import NodeRefusal, NodeRun, WorkflowRun
from operators.audit import RecordOperator
from operators.flow import BranchOperator, JoinOperator, SetOperator

if TYPE_CHECKING:
    from officeflow.database.engine import Database
from tests.operators.rendering import HOSTILE, Rendered, people, record


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
                output: Any = first.output
                record(output["subject"], "third")

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
