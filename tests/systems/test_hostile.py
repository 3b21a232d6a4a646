"""Bad input and hostile counterparts, walked as one list: every item at every system."""

from __future__ import annotations

from pathlib import Path

import pytest

from officeflow.connectors.families import Family
from officeflow.connectors.providers import providers
from tests.systems.hostile.items import Item
from tests.systems.hostile.names import join_a_crowd
from tests.systems.hostile.table import WALKS, WITHOUT_MEANING, walks
from tests.systems.hostile.walk import Walk
from tests.systems.stage import Stage
from tests.systems.system import System
from tests.systems.table import SYSTEMS

CROWD = 5000


@pytest.fixture
def walk(stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Walk:
    return Walk(stage, monkeypatch, tmp_path)


def test_every_item_is_tried_at_every_system_or_has_no_meaning_there() -> None:
    """A new connector of the family is tried with all of it."""
    of_family = {name for name, each in providers().items() if each.service(Family.IDENTITY)}
    tried = {(param.values[0], param.values[1].provider) for param in walks()}
    assert set(WALKS) == set(Item)
    assert tried | set(WITHOUT_MEANING) == {(item, name) for item in Item for name in of_family}
    assert not tried & set(WITHOUT_MEANING)
    assert all(WITHOUT_MEANING.values())


@pytest.mark.integration
@pytest.mark.parametrize(("item", "system"), list(walks()))
def test_it_ends_clearly_and_nothing_is_doubled_or_told(item: Item, system: type[System], walk: Walk) -> None:
    WALKS[item](walk)
    walk.tells_no_secret()


@pytest.mark.integration
@pytest.mark.long
@pytest.mark.parametrize("system", [each for each in SYSTEMS if each.some < CROWD])
def test_a_group_of_five_thousand_takes_and_loses_one(system: type[System], walk: Walk) -> None:
    """Where it takes long to bring them in."""
    join_a_crowd(walk, CROWD)
