"""What Airflow's mapping needs of loops (`flow.for_each`) in drawn workflows."""

from __future__ import annotations

from typing import Any

from airflow.sdk.bases.xcom import BaseXCom
from airflow.sdk.configuration import conf
from airflow.sdk.execution_time.xcom import XCom

from officeflow.sdk import NodeResult
from officeflow.sdk.execution import MOST_ROUNDS


def most_rounds() -> int:
    """How many mapped tasks Airflow makes of one."""
    return int(conf.getint("core", "max_map_length", fallback=MOST_ROUNDS))


def indexes(result: NodeResult) -> list[int] | None:
    """What Airflow maps a loop's tasks over: the rounds' numbers. The items stay in the ledger.

    None where the node began no loop.
    """
    return None if result.rounds is None else list(range(result.rounds))


def push_rounds(ti: Any, rounds: list[int]) -> None:
    """As Airflow does for what a task returns, for one that leaves through an exception."""
    XCom.set(
        BaseXCom.XCOM_RETURN_KEY,
        rounds,
        dag_id=ti.dag_id,
        task_id=ti.task_id,
        run_id=ti.run_id,
        map_index=-1 if ti.map_index is None else ti.map_index,
        _mapped_length=len(rounds),
    )
