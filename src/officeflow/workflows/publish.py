"""Publishing: a definition becomes an immutable version that Airflow runs.

Validate, let Airflow's own code build and serialize it in another process, commit version and revision, and
wait until Airflow's copy of the DAG carries the new definition's hash. Until the commit nothing is changed;
after it nothing is lost, even if Airflow is away.
"""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from officeflow import ids
from officeflow.audit.actions import AuditAction
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.errors import InvalidDefinition, NotKnown, OfficeFlowError, Unavailable
from officeflow.program import typed
from officeflow.statuses import RevisionAction
from officeflow.tenants import organizations
from officeflow.workflows import batch, store
from officeflow.workflows.airflow_check import airflow_check, wake_dag_processor
from officeflow.workflows.committing import Asked, Checked, Committed, commit
from officeflow.workflows.models import Definition, content_hash, to_json

READY_SECONDS = 60.0
POLL_SECONDS = 0.1
ASK_AGAIN_SECONDS = 10.0


class AirflowDags(Protocol):
    """What publishing asks of Airflow; `officeflow.airflow_api.client.AirflowApi` answers."""

    def connections(self, prefix: str = "") -> Sequence[Mapping[str, Any]]: ...
    def dag_details(self, dag_id: str) -> Mapping[str, Any]: ...
    def parse_dag_file(self, dag_id: str) -> None: ...


Check = Callable[[Sequence[Mapping[str, Any]]], Sequence[Mapping[str, Any]]]
"""Whether Airflow takes definitions: `{"org", "slug", "version", "definition"}` each to `{"slug", "ok",
"error"}`, in the same order.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """`changed` is False where the newest version says the same already.

    `ready`: Airflow runs this very version. `release`: nothing was published, a second person decides.
    """

    org: str
    slug: str
    dag_id: str
    version: int
    content_hash: str
    changed: bool
    revision: int | None
    ready: bool
    message: str
    release: str | None = None


class Publisher:
    """One object may publish for all organizations.

    `wake` is called after each commit that changed something. `sleep` and `monotonic` are time, for tests to
    own.
    """

    def __init__(
        self,
        database: Database,
        airflow: AirflowDags,
        check: Check = airflow_check,
        *,
        wake: Callable[[], None] = wake_dag_processor,
        ready_seconds: float = READY_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._airflow = airflow
        self._check = check
        self._wake = wake
        self._ready_seconds = ready_seconds
        self._sleep = sleep
        self._monotonic = monotonic

    def publish(
        self, org: str, definition_json: Any, *, by: str, wait: bool = True, asked: Asked | None = None
    ) -> Published:
        """Publish for the organization (slug or UUID). The same content again changes nothing. To a protected
        workflow nothing is published: the result has the `release` that a second person decides about.

        `InvalidDefinition` with everything that is wrong, `Unavailable` where Airflow does not answer
        beforehand: nothing was changed. Where it goes away afterwards, or takes longer than `ready_seconds`,
        the result is published and not `ready`, and says so.
        """
        (committed,) = self.commit(self.checked(org, {"": definition_json}), by=by, asked=asked)
        return self.followed(committed, wait=wait)

    def checked(self, org: str, written: Mapping[str, Any]) -> Checked:
        """Definitions that can be published together, by the names of the files that they come from; nothing
        is changed.

        `InvalidDefinition` with everything that is wrong in all of them, each problem with its file;
        `Unavailable` as in `publish`.
        """
        organization, reviewed = self._review(org, written)
        batch.refuse(reviewed.listed(), len(written))
        self._try(
            organization,
            {file: each for file, each in reviewed.good.items() if self._differs(organization, each)},
        )
        return Checked(organization, reviewed.good)

    def problems(self, org: str, written: Mapping[str, Any]) -> list[batch.FileProblem]:
        """What `checked` refuses definitions for, without what Airflow says of them."""
        return self._review(org, written)[1].listed()

    def commit(self, checked: Checked, *, by: str, asked: Asked | None = None) -> list[Committed]:
        """Publish all of them, or none, in their order; Airflow is not waited for.

        `ChangedMeanwhile` where a workflow has another newest version than `asked.base` says.
        """
        with self._database.service() as session:
            committed = commit(session, checked, asked or Asked(by))
        if any(each.revision is not None for each in committed):
            self._wake()
        return committed

    def followed(self, committed: Committed, *, wait: bool = True) -> Published:
        """What became of it, once Airflow runs it or takes too long. Raises nothing: it is published."""
        if committed.release is not None:
            return _waiting(committed)
        dag_id, wanted = (
            ids.dag_id(committed.organization.slug, committed.definition.slug),
            content_hash(committed.definition),
        )
        problem = self._not_ready(dag_id, wanted, committed.neighbour, wait=wait)
        version, changed = committed.version, committed.revision is not None
        done = (
            f"published as version {version}"
            if changed
            else f"version {version} says the same: nothing was changed"
        )
        return Published(
            org=committed.organization.slug,
            slug=committed.definition.slug,
            dag_id=dag_id,
            version=version,
            content_hash=wanted,
            changed=changed,
            revision=committed.revision,
            ready=not problem,
            message=f"{done}, ready in Airflow" if not problem else f"{done}, not ready yet: {problem}",
        )

    def deactivate(self, org: str, slug: str, *, by: str) -> bool:
        """Start no run of it from now on; its DAG stays until its last run has ended.

        False where it is inactive already.
        """
        with self._database.service() as session:
            organization = organizations.find(session, org)
            store.lock_revisions(session)
            workflow = store.find(session, organization.org_id, slug)
            if not workflow.is_active:
                return False
            workflow.is_active = False
            revision = store.add_revision(session, workflow, RevisionAction.DEACTIVATE)
            store.record(session, workflow, AuditAction.WORKFLOW_DEACTIVATED, by=by, revision=revision)
        return True

    def _review(self, org: str, written: Mapping[str, Any]) -> tuple[Organization, batch.Reviewed]:
        with self._database.service() as session:
            organization = organizations.find(session, org)
            return organization, batch.review_for(
                session, organization, written, functools.cache(lambda: self._connections(organization.slug))
            )

    def _connections(self, org: str) -> dict[str, str]:
        prefix = ids.connection_id(org, "")
        try:
            found = self._airflow.connections(prefix)
        except Unavailable as error:
            raise Unavailable(
                "no answer from Airflow: connections cannot be checked, and nothing was published",
                hint=f"`{typed('status')}` shows whether it runs",
            ) from error
        return {row["connection_id"].removeprefix(prefix): row["conn_type"] for row in found}

    def _differs(self, organization: Organization, definition: Definition) -> bool:
        with self._database.service() as session:
            newest = store.newest(session, organization.org_id, definition.slug)
        return newest is None or newest[1].content_hash != content_hash(definition)

    def _try(self, organization: Organization, definitions: Mapping[str, Definition]) -> None:
        """Let Airflow's own code build them, all in one go."""
        requests = [
            {"org": organization.slug, "slug": d.slug, "version": 1, "definition": to_json(d)}
            for d in definitions.values()
        ]
        answers = self._check(requests) if requests else []
        for file, answer in zip(definitions, answers, strict=True):
            if not answer["ok"]:
                what = f"Airflow does not take the workflow {definitions[file].slug!r}; nothing was published"
                raise InvalidDefinition(
                    what, problems=[batch.FileProblem("", str(answer["error"]), file=file)]
                )

    def _not_ready(self, dag_id: str, wanted: str, stand_in: str | None, *, wait: bool) -> str:
        """Why Airflow does not run this definition, or "" once it does.

        Airflow can be asked for the file of a DAG that it knows. A new one is asked for through `stand_in`,
        an older one of its file; the first of a file is found by itself, as every new file is. What changes
        while its file is being parsed may be missed, so it is asked for again and again.
        """
        end = self._monotonic() + (self._ready_seconds if wait else 0)
        ask_at = -math.inf
        while True:
            reason, exists = self._look(dag_id, wanted)
            if not reason or self._monotonic() >= end:
                return reason
            known = dag_id if exists else stand_in
            if known and self._monotonic() >= ask_at and self._ask_for_parse(known):
                ask_at = self._monotonic() + ASK_AGAIN_SECONDS
            self._sleep(POLL_SECONDS)

    def _look(self, dag_id: str, wanted: str) -> tuple[str, bool]:
        """What is amiss, and whether Airflow knows the DAG."""
        try:
            details = self._airflow.dag_details(dag_id)
        except NotKnown:
            return "Airflow has not read it so far", False
        except Unavailable:
            return "Airflow does not answer; it will run it once it is back", False
        except OfficeFlowError as error:
            return f"Airflow cannot be asked: {error.message}", False
        if wanted in (details.get("doc_md") or "") and not details.get("is_stale"):
            return "", True
        return "Airflow still has another version" + (
            ", and reports an import error" if details.get("has_import_errors") else ""
        ), True

    def _ask_for_parse(self, dag_id: str) -> bool:
        try:
            self._airflow.parse_dag_file(dag_id)
        except OfficeFlowError:
            return False
        return True


def _waiting(committed: Committed) -> Published:
    slug = committed.definition.slug
    return Published(
        org=committed.organization.slug,
        slug=slug,
        dag_id=ids.dag_id(committed.organization.slug, slug),
        version=committed.version,
        content_hash=content_hash(committed.definition),
        changed=False,
        revision=None,
        ready=False,
        message=f"not published: another admin has to release it, as {committed.release}",
        release=committed.release,
    )
