"""Airflow's own copies of DAGs, kept for as long as they are the ones in its database."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from airflow.serialization.definitions.dag import SerializedDAG

MOST = 128


class KnownDags:
    """At most so many versions; those asked for last stay. For all threads of a process."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[tuple[UUID, str], SerializedDAG] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, connection: Connection, version: UUID, dag_hash: str) -> SerializedDAG:
        """The DAG of this version with this content; a version's content may be replaced while it has no
        runs.
        """
        with self._lock:  # others wait: one that is read twice at once takes twice as long
            found = self._known.get((version, dag_hash))
            if found is None:
                found = self._known[version, dag_hash] = _read(connection, version)
                while len(self._known) > self._most:
                    self._known.popitem(last=False)
            self._known.move_to_end((version, dag_hash))
            return found


def _read(connection: Connection, version: UUID) -> SerializedDAG:
    from airflow.models.serialized_dag import SerializedDagModel

    with Session(bind=connection, join_transaction_mode="rollback_only") as session:
        model = session.scalars(
            select(SerializedDagModel).where(SerializedDagModel.dag_version_id == version)
        ).one()
        return model.dag
