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
        self._being_read: dict[tuple[UUID, str], threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, connection: Connection, version: UUID, dag_hash: str) -> SerializedDAG:
        """The DAG of this version with this content; a version's content may be replaced while it has no
        runs.
        """
        wanted = (version, dag_hash)
        if (found := self._kept(wanted)) is not None:
            return found
        with self._lock:
            being_read = self._being_read.setdefault(wanted, threading.Lock())
        with being_read:  # who wants the same waits: read twice at once, it takes twice as long
            found = self._kept(wanted)
            return self._keep(wanted, _read(connection, version)) if found is None else found

    def _kept(self, wanted: tuple[UUID, str]) -> SerializedDAG | None:
        with self._lock:
            if wanted in self._known:
                self._known.move_to_end(wanted)
            return self._known.get(wanted)

    def _keep(self, wanted: tuple[UUID, str], dag: SerializedDAG) -> SerializedDAG:
        with self._lock:
            self._known[wanted] = dag
            self._being_read.pop(wanted, None)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return dag


def _read(connection: Connection, version: UUID) -> SerializedDAG:
    from airflow.models.serialized_dag import SerializedDagModel

    with Session(bind=connection, join_transaction_mode="rollback_only") as session:
        model = session.scalars(
            select(SerializedDagModel).where(SerializedDagModel.dag_version_id == version)
        ).one()
        return model.dag
