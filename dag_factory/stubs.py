"""What the stub files of the bundle call.

Reads the stub's manifest and the definitions beside it, and nothing else.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, get_parsing_context

from dag_factory.airflow_dag import build
from officeflow import ids
from officeflow.errors import InvalidDefinition

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    object: str
    """The definition's content hash, which is its file's name."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`workflows` maps a slug to its newest versions, the newest first; `objects` is the folder of the
    definitions.
    """

    org: str
    objects: Path
    workflows: Mapping[str, Sequence[Version]]

    @classmethod
    def read(cls, path: Path) -> Manifest:
        content = json.loads(path.read_bytes())
        workflows = {
            slug: [Version(v["version"], v["object"]) for v in versions]
            for slug, versions in content["workflows"].items()
        }
        return cls(content["org"], Path(content["objects"]), workflows)

    def build(self, version: Version) -> DAG:
        """`InvalidDefinition` where it cannot be built; `OSError` where its file is not there, for which no
        older version may stand in.
        """
        definition: dict[str, Any] = json.loads((self.objects / version.object).read_bytes())
        return build(self.org, definition, version=version.number, content_hash=version.object)


def load(stub: str) -> dict[str, DAG]:
    """The DAGs of a stub file by their ids: of each workflow the newest version that builds.

    Inside a task, which needs one DAG, only that one is built.
    """
    manifest = Manifest.read(Path(stub).with_suffix(".json"))
    only = get_parsing_context().dag_id
    dags = (
        _newest_that_builds(manifest, versions)
        for slug, versions in manifest.workflows.items()
        if only is None or only == ids.dag_id(manifest.org, slug)
    )
    return {dag.dag_id: dag for dag in dags if dag is not None}


def check(stub: str) -> None:
    """Raise `InvalidDefinition` for all workflows of the stub beside this check file whose newest version
    does not build.
    """
    if get_parsing_context().dag_id is not None:
        return
    manifest = Manifest.read(Path(stub.removesuffix("_check.py") + ".json"))
    broken = list(_broken(manifest))
    if broken:
        raise InvalidDefinition(
            "the newest version does not build; the last one that does is shown:\n" + "\n".join(broken)
        )


def _newest_that_builds(manifest: Manifest, versions: Sequence[Version]) -> DAG | None:
    for version in versions:
        try:
            return manifest.build(version)
        except InvalidDefinition as error:
            log.warning("%s", error)
    return None


def _broken(manifest: Manifest) -> Iterator[str]:
    for slug, versions in manifest.workflows.items():
        try:
            manifest.build(versions[0])
        except InvalidDefinition as error:
            yield f"  {ids.dag_id(manifest.org, slug)}: {error}"
