"""Before a node's act: the approvals right before it were given.

Whoever may change a run in Airflow can mark a task that waits for people as a success, and Airflow goes on
behind it. That is nobody's answer. What was answered, or given up with a reason where that may be, stands in
the ledger.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.database.tables import HumanRequest, NodeRun
from officeflow.errors import NotApproved
from officeflow.runner.course import Course
from officeflow.runner.values import Surroundings
from officeflow.statuses import ActStatus


def check(course: Course, around: Surroundings) -> None:
    """`NotApproved` where an approval that leads here was asked and has not succeeded, or, where it is the
    only way that leads here, was never asked at all.
    """
    drawn = around.drawn
    if drawn is None or not drawn.approvals:
        return
    given = course.given
    for key, act_key in drawn.approvals:
        is_beside = key in given.siblings or key in given.rounds.siblings
        with course.services.database.tenant(around.run.org_id) as session:
            asked, done = _known(session, around, {key, act_key})
        if is_beside:
            asked, done = asked & {given.map_index}, done & {given.map_index}
        is_only_way = drawn.ways == 1 and key not in given.rounds.bodies and not is_beside
        if asked - done or (is_only_way and not done):
            raise NotApproved(
                f"{key} has no approval: its task was marked as a success in Airflow, and that is no answer",
                hint=f"clear {key}: it asks those who may answer",
            )


def _known(session: Session, around: Surroundings, keys: Collection[str]) -> tuple[set[int], set[int]]:
    """The map indexes of its tasks that have asked, and of those whose newest act has succeeded."""
    run_id = around.run.run_id
    asked = select(HumanRequest.map_index).where(
        HumanRequest.run_id == run_id, HumanRequest.node_key.in_(keys)
    )
    acts = (
        select(NodeRun.map_index, NodeRun.status)
        .where(NodeRun.run_id == run_id, NodeRun.node_key.in_(keys))
        .order_by(NodeRun.generation)
    )
    newest = {act.map_index: act.status for act in session.execute(acts)}  # of each index the last one
    done = {index for index, status in newest.items() if status == ActStatus.SUCCEEDED}
    return set(session.scalars(asked)), done
