"""What a revision shows, asked for the whole bundle and for one workflow."""

from __future__ import annotations

import random

import pytest

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.ids import new_id
from officeflow.statuses import RevisionAction
from officeflow.workflows import revisions, store
from officeflow.workflows.models import Definition
from tests.workflows.conftest import definition

pytestmark = pytest.mark.integration

SLUGS = ("joiner", "leaver")
Step = tuple[str, str, int, RevisionAction]
"""Organization, workflow, its newest version then, and what was done."""


def some_steps(database: Database, orgs: list[Organization], number: int) -> list[Step]:
    """A history of the bundle: publications, of which some say what an earlier one said, and the rest."""
    choice = random.Random(11)
    steps: list[Step] = []
    with database.service() as session:
        store.lock_revisions(session)
        for _ in range(number):
            org, slug = choice.choice(orgs), choice.choice(SLUGS)
            known = {(step[0], step[1]) for step in steps}
            action = choice.choice([RevisionAction.PUBLISH, RevisionAction.PUBLISH, *RevisionAction])
            if (org.slug, slug) not in known:
                action = RevisionAction.PUBLISH
            if action is RevisionAction.PUBLISH and ((org.slug, slug) not in known or choice.random() < 0.8):
                raw = definition(slug, description=choice.choice("abc"))
                workflow = store.add_version(session, org.org_id, Definition.model_validate(raw), by="x")
            else:
                workflow = store.find(session, org.org_id, slug)
            store.add_revision(session, workflow, action)
            steps.append((org.slug, slug, workflow.version, action))
    return steps


def expected(steps: list[Step], org: str, slug: str) -> list[int]:
    mine = [(version, action) for o, s, version, action in steps if (o, s) == (org, slug)]
    if not mine or mine[-1][1] is RevisionAction.RETIRE:
        return []
    published = {version for version, action in mine if action is RevisionAction.PUBLISH}
    return sorted(published, reverse=True)[: revisions.MOST_VERSIONS]


def test_every_revision_shows_the_same_to_the_bundle_and_to_a_task(
    database: Database, org: Organization
) -> None:
    other = Organization(org_id=new_id(), slug="other", name="Other", domain="other.example", plan="standard")
    with database.service() as session:
        assert (revisions.newest_revision(session), revisions.of_revision(session, 0)) == (0, [])
        session.add(other)
    steps = some_steps(database, [org, other], 40)
    with database.service() as session:
        assert revisions.newest_revision(session) == len(steps)
        for revision in range(len(steps) + 1):
            of_bundle = revisions.of_revision(session, revision)
            assert of_bundle == sorted(of_bundle, key=lambda row: (row.org, row.place, -row.version))
            for name in ("acme", "other"):
                for slug in SLUGS:
                    of_task = revisions.of_workflow(session, name, slug, revision)
                    assert [row.version for row in of_task] == expected(steps[:revision], name, slug)
                    assert [(row.version, row.content_hash) for row in of_task] == [
                        (row.version, row.content_hash)
                        for row in of_bundle
                        if (row.org, row.slug) == (name, slug)
                    ]
        for slug in SLUGS:
            assert revisions.of_workflow(session, "acme", slug) == revisions.of_workflow(
                session, "acme", slug, len(steps)
            )
        assert revisions.of_workflow(session, "acme", "nobody") == []
        assert revisions.of_workflow(session, "nobody", "joiner") == []
