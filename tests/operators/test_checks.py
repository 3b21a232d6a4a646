"""What is wrong with a hand-written DAG is told while Airflow reads its file: what, where, and what to write
instead.
"""

from __future__ import annotations

import datetime as dt
import textwrap
import warnings
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization

from officeflow.errors import InvalidInput
from operators.audit import RecordOperator
from operators.base import NodeOperator

BEGIN = """
from airflow.sdk import DAG, TaskGroup, task, task_group
from operators.audit import RecordOperator
from operators.email import SendOperator
from operators.flow import BranchOperator, SetOperator, JoinOperator
from operators.identity import FindAccountOperator, SetGroupsOperator

def find(task_id="find", **given):
    usual = {"task_id": task_id, "org": "acme", "connection": "directory", "node_params": {"login": "a"}}
    return FindAccountOperator(**{**usual, **given})

def record(task_id="record", subject="x", **given):
    usual = {"task_id": task_id, "org": "acme", "node_params": {"action": "a", "subject": subject}}
    return RecordOperator(**{**usual, **given})

def mail(text, **given):
    params = {"to": ["a@b.example"], "subject": "x", "text": text}
    return SendOperator(task_id="mail", org="acme", connection="mail", node_params=params, **given)

def many(**given):
    return FindAccountOperator.partial(**{"task_id": "f", "org": "acme", "connection": "directory", **given})

def records():
    return RecordOperator.partial(task_id="f", org="acme")

@task
def people():
    return ["ana"]

with DAG("written", schedule=None) as dag:
"""


def import_error(folder: Path, body: str) -> str:
    """What Airflow says of a file with this DAG; "" where it takes it."""
    (folder / "written.py").write_text(BEGIN + textwrap.indent(textwrap.dedent(body), "    "))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bag = DagBag(dag_folder=folder, safe_mode=False)
    assert bool(bag.import_errors) != bool(bag.dags)
    return "\n".join(bag.import_errors.values())


WRONG = {
    "unknown": (
        "find(node_params={'logn': 'a'})",
        "params.logn: there is no such parameter (did you mean login?)",
    ),
    "unknown, an output": (
        (
            "SetGroupsOperator(task_id='g', org='acme', connection='x', node_params={'acount_id':"
            " find().output['account_id'], 'groups': []})"
        ),
        "params.acount_id: there is no such parameter (did you mean account_id?)",
    ),
    "unknown, a template": (
        "find(node_params={'logn': '{{ params.x }}'})",
        "params.logn: there is no such parameter (did you mean login?)",
    ),
    "unknown, an XCom": (
        "find(node_params={'logn': people()})",
        "params.logn: there is no such parameter (did you mean login?)",
    ),
    "missing": (
        "RecordOperator(task_id='r', org='acme', node_params={'action': 'a'})",
        "params.subject: is missing",
    ),
    "nothing given": ("RecordOperator(task_id='r', org='acme')", "params.subject: is missing"),
    "type": ("record(subject=['a'])", "params.subject: "),
    "no dictionary": ("record(node_params=['a'])", "node_params: is a dictionary, not a list"),
    "organization": ("find(org='Acme Inc')", "org: 'Acme Inc' cannot be a name (small letters"),
    "connection": ("find(connection='acme.directory')", "connection: 'acme.directory' cannot be a name"),
    "no connection": (
        "find(connection=None)",
        "connection: is missing: identity.find_account needs one of the family identity",
    ),
    "a connection too many": (
        "record(connection='x')",
        "connection: audit.record uses no connection (leave it out)",
    ),
    "no such task": (
        "find() >> record(subject='${{ nodes.fnd.output.login }}')",
        "the DAG has no task 'fnd' (did you mean find?)",
    ),
    "not before": (
        "find(); record(subject='${{ nodes.find.output.login }}')",
        "does not run before record (write find >> record)",
    ),
    "not a node": (
        "people() >> record(subject='${{ nodes.people.output }}')",
        (
            "is no node of OfficeFlow: the ledger has nothing of it (use people.output, or {{"
            ' ti.xcom_pull("people") }})'
        ),
    ),
    "in a group": (
        "with TaskGroup('group'):\n    find() >> record(subject='${{ nodes.find.output.login }}')",
        "the DAG has no task 'find' (write nodes[\"group.find\"].output)",
    ),
    "group as a node": (
        "with TaskGroup('group'):\n    find() >> record(subject='${{ nodes.group.find.output.login }}')",
        "the DAG has no task 'group' (write nodes[\"group.find\"].output)",
    ),
    "in a mail": (
        "find() >> mail('{{ nodes.fnd.output.login }}')",
        "params.text: reads nodes.fnd, and the DAG has no task 'fnd'",
    ),
    "airflow's template in a mail": (
        "mail('{{ ti.xcom_pull(\"x\") }}')",
        "params.text: 'ti' is not known here: this field is OfficeFlow's own template",
    ),
    "airflow's name in a mail": (
        "mail('{{ ds }}')",
        "'ds' is not known here: this field is OfficeFlow's own template",
    ),
    "our name in airflow's template": (
        "record(subject='{{ event.employee }}')",
        "know no 'event' (write ${{ event.… }} with the $)",
    ),
    "airflow's template": ("record(subject='{{ ds ')", "params.subject: Airflow's template has an error"),
    "not closed": ("record(subject='${{ event.employee ')", "`${{` without `}}`"),
    "an output's field": (
        "record(subject=find().output['lgin'])",
        "find (identity.find_account) gives no 'lgin' (did you mean login?)",
    ),
    "a way": (
        (
            "BranchOperator(task_id='b', org='acme', node_params={'value': 1, 'choices': {'1': 'nowhere'}})"
            " >> record()"
        ),
        "'nowhere' is no task",
    ),
    "a condition": (
        "record('a', conditions={'recrd': 'true'}) >> record()",
        "conditions.recrd: is no task right behind this one (did you mean record?)",
    ),
    "a computed condition": (
        (
            "BranchOperator(task_id='b', org='acme', node_params={'cases': [{'when': people(), 'to':"
            " 'record'}]}) >> record()"
        ),
        "params.cases[0].when: is a condition in CEL, which is written out",
    ),
    "mapped": (
        "many().expand(node_params=[{'login': 'a'}, {'logn': 'b'}])",
        "params.logn: there is no such parameter",
    ),
    "mapped, the rest": (
        "many(org='Acme').expand(node_params=people())",
        "org: 'Acme'",
    ),
    "mapped by arguments": (
        "records().expand_kwargs([{'node_params': {'action': 'a'}}])",
        "params.subject: is missing",
    ),
    "mapped, not before": (
        (
            "find(); records().expand(node_params=[{'action': 'a', 'subject': '${{ nodes.find.output.login"
            " }}'}])"
        ),
        "does not run before f (write find >> f)",
    ),
    "a policy of Airflow's": (
        (
            "from airflow.sdk.definitions import retry_policy as own\nrecord(retry_policy=type('P',"
            " (own.RetryPolicy,), {'evaluate': None})())"
        ),
        "retry_policy is a mapping, not a P",
    ),
    "a mapped task's condition": (
        "many(conditions={'record': 'true'}).expand(node_params=people()) >> record()",
        "conditions: a mapped task cannot decide about the tasks behind it",
    ),
    "a condition for another's task in a mapped group": (
        (
            "@task_group\ndef each(name):\n    find(conditions={'each.people': 'true'}) >>"
            " people()\neach.expand(name=[1])"
        ),
        "conditions.each.people: each.people is no operator of OfficeFlow",
    ),
    "a policy's name": (
        "record(retry_policy={'maxRetry': 1})",
        "retry_policy has no 'maxRetry' (did you mean maxRetries?)",
    ),
}


@pytest.mark.parametrize(("body", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_an_import_error_that_says_what_where_and_what_to_write(
    tmp_path: Path, body: str, said: str
) -> None:
    assert said in import_error(tmp_path, body)


def test_all_that_is_wrong_with_a_task_is_told_at_once_with_its_name(tmp_path: Path) -> None:
    told = import_error(tmp_path, "find('look', org='A', connection=None, node_params={'logn': 'a'})")
    assert "task 'look' (FindAccountOperator) cannot run" in told
    assert all(path in told for path in ("org: ", "connection: ", "params.logn: "))


RIGHT = {
    "templates": (
        "record(subject='{{ params.who }} {{ ti.xcom_pull(\"x\") }}')\nfind(org='{{ params.org }}',"
        " connection='{{ params.c }}')"
    ),
    "an xcom for a list": (
        "SetGroupsOperator(task_id='g', org='acme', connection='directory', "
        "node_params={'login': 'a', 'groups': people()})"
    ),
    "a template for one of a few words": (
        "SetGroupsOperator(task_id='g', org='acme', connection='directory', "
        "node_params={'login': 'a', 'groups': ['x'], 'mode': '{{ params.mode }}'})"
    ),
    "an xcom": "record(subject=people())",
    "an xcom as all parameters": "record(node_params=people())",
    "a field of an output": "record(subject=find().output['login'])",
    "an output in a mail": "mail(people())",
    "our template in a mail": (
        "find() >> mail('Hello {{ nodes.find.output.login }} {{ employee.given_name }}')"
    ),
    "in a group": (
        "with TaskGroup('group'):\n    find() >> record(subject='${{ nodes[\"group.find\"].output.login }}')"
    ),
    "in a group, by output": "with TaskGroup('group'):\n    record(subject=find().output['login'])",
    "mapped": "many().expand(node_params=people())",
    "mapped by arguments": "RecordOperator.partial(task_id='f').expand_kwargs(people())",
    "branch": (
        "BranchOperator(task_id='b', org='acme', node_params={'value': 1, 'choices': {'1': 'Other-one'}}) "
        ">> [record('Other-one'), find()]"
    ),
    "filters of Airflow's and of the DAG": (
        "record(subject='{{ logical_date | ts_nodash }} {{ params.x | mine }}')"
    ),
    "a macro of the DAG": "dag.user_defined_macros = {'event': 1}; record(subject='{{ event }}')",
    "setup and teardown": (
        "find().as_setup() >> record() >> record('after').as_teardown(setups=dag.get_task('find'))"
    ),
    "a variable called nodes": "record(subject='${{ [1].map(nodes, nodes.x)[0] }}')",
    "words in quotes": "record(subject='${{ \"nodes.find.output\" }}')",
}


@pytest.mark.parametrize("body", RIGHT.values(), ids=RIGHT)
def test_what_is_right_or_not_known_yet_is_taken(tmp_path: Path, body: str) -> None:
    assert not import_error(tmp_path, body)


@pytest.mark.parametrize(
    ("given", "policy"),
    [
        ({}, (3, 1000, 2.0, True)),
        ({"retries": 7}, (7, 1000, 2.0, True)),
        ({"retries": 1, "retry_delay": dt.timedelta(minutes=10)}, (1, 600_000, 1.0, False)),
        ({"retry_delay": 5, "retry_exponential_backoff": 3}, (3, 5000, 3.0, False)),
        ({"retry_policy": {"backoffMs": 9}, "retries": 4}, (4, 9, 2.0, True)),
        ({"default_args": {"retries": 0}}, (0, 1000, 2.0, True)),
    ],
)
def test_a_node_is_retried_as_airflows_arguments_say(given: dict[str, Any], policy: tuple[Any, ...]) -> None:
    made = RecordOperator(task_id="r", org="acme", node_params={"action": "a", "subject": "b"}, **given)
    told = made.node_retry
    assert (told.max_retries, told.backoff_ms, told.factor, told.jitter) == policy
    assert made.retries == told.max_retries
    mapped = RecordOperator.partial(task_id="r", org="acme", **given).expand(
        node_params=[{"action": "a", "subject": "b"}]
    )
    assert (mapped.retries, mapped.retry_delay) == (made.retries, made.retry_delay)
    one = mapped.unmap({"node_params": {}})
    assert isinstance(one, NodeOperator)
    assert one.node_retry == told


def test_the_scheduler_gets_what_a_task_says_mapped_or_not() -> None:
    params = {"action": "a", "subject": "{{ ds }}"}
    with DAG("x", schedule=None) as dag:
        given: dict[str, Any] = {
            "org": "acme",
            "retry_policy": {"maxRetries": 7},
            "pool": "p",
            "trigger_rule": "all_done",
        }
        RecordOperator(task_id="one", node_params=params, **given)
        RecordOperator.partial(task_id="many", **given).expand(node_params=[params])
    stored = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    for key in ("one", "many"):
        told = stored.get_task(key)
        assert (told.retries, told.pool, told.trigger_rule) == (7, "p", "all_done")
    assert stored.get_task("one").template_fields == ["org", "connection", "node_params"]


def test_a_policy_that_is_none_is_named() -> None:
    with pytest.raises(InvalidInput, match="retry_policy is a mapping, not a list"):
        RecordOperator(task_id="r", org="acme", node_params={"action": "a", "subject": "b"}, retry_policy=[])  # type: ignore[arg-type]
