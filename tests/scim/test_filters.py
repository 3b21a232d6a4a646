"""What is searched in the database is what scim2-models finds in memory."""

from __future__ import annotations

from typing import Any

import pytest
from scim2_models import ScimFilter, SearchRequest
from sqlalchemy import text

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.database.tables import User as Row
from officeflow.ids import new_id
from officeflow.scim import users
from officeflow.scim.resources import Group, User
from officeflow.scim.searching import SEARCHED_USERS
from tests.scim.people import Provider, user

pytestmark = pytest.mark.integration

PEOPLE: list[dict[str, Any]] = [
    {
        "userName": "Alice",
        "displayName": "Alice Liddell",
        "externalId": "A-1",
        "name": {"givenName": "Alice", "familyName": "Liddell"},
        "emails": [
            {"value": "alice@home.example", "type": "home"},
            {"value": "alice@work.example", "type": "work", "primary": True},
        ],
        "roles": [{"value": "editor", "primary": True}],
    },
    {"userName": "Bob", "active": False, "emails": [{"value": "bob@work.example", "type": "work"}]},
    {"userName": "carol", "name": {"familyName": "smith"}, "emails": [{"value": "carol@work.example"}]},
    {"userName": "dave_%", "displayName": "50% off", "emails": [{"value": "dave@home.example"}]},
]
FILTERS = [
    'userName eq "ALICE"',
    'userName ne "alice"',
    'userName sw "dave_"',
    'userName ew "_%"',
    'userName co "a"',
    'userName gt "b"',
    'userName le "carol"',
    'externalId eq "a-1"',
    'externalId eq "A-1"',
    "externalId pr",
    "not (externalId pr)",
    'displayName eq "alice liddell"',
    'displayName ne "Alice Liddell"',
    "displayName eq null",
    "displayName ne null",
    "displayName gt null",
    'displayName co "%"',
    'displayName lt "b"',
    "name pr",
    "name.givenName pr",
    'name.familyName eq "SMITH"',
    "active eq true",
    "not (active eq true)",
    "active ne true",
    "active pr",
    "emails pr",
    'emails eq "alice@work.example"',
    'emails ne "alice@work.example"',
    'emails co "WORK"',
    'emails.type eq "work"',
    'emails.type ne "work"',
    "emails.type pr",
    "emails.type eq null",
    "emails.primary eq true",
    'emails[type eq "work" and value co "alice"]',
    'emails[type eq "home" and primary eq true]',
    'emails[value ne "alice@work.example"]',
    'emails[not (type eq "work")]',
    "emails[type pr]",
    'roles.value eq "editor"',
    "roles pr",
    "roles.value eq null",
    "roles.value ne null",
    'groups.display eq "staff"',
    "groups pr",
    "not (groups pr)",
    'meta.created gt "2000-01-01T00:00:00Z"',
    'meta.lastModified lt "2000-01-01T00:00:00Z"',
    'meta.created co "20"',
    'displayName eq "50% off" or userName eq "Bob"',
    'userName co "a" and active eq false',
]


@pytest.fixture
def everybody(provider: Provider, database: Database, org: Organization) -> list[User]:
    """Those of `PEOPLE`, of whom one is in a group, and one whom no provider has written."""
    made = []
    for told in PEOPLE:
        body = user(**told)
        if "displayName" not in told:
            del body["displayName"]
        made.append(provider.post("/Users", body))
    provider.group("Staff", made[:1])
    with database.tenant(org.org_id) as session:
        by_hand = Row(user_id=new_id(), org_id=org.org_id, email="ed@acme.example", name="Ed", role="viewer")
        session.add(by_hand)
    return [User.model_validate(each) for each in provider.get("/Users")["Resources"]]


def test_users_are_found_as_in_memory(provider: Provider, everybody: list[User]) -> None:
    assert len(everybody) == 5
    wrong = {}
    for condition in FILTERS:
        in_memory = {each.id for each in everybody if ScimFilter[User](condition).match(each)}
        found = {each["id"] for each in provider.found("Users", condition.replace("%", "%25"))}
        if found != in_memory:
            wrong[condition] = (found, in_memory)
    assert wrong == {}


def test_users_are_sorted_as_in_memory(provider: Provider, everybody: list[User]) -> None:
    by_id = {each.id: each for each in everybody}
    for by in ("userName", "displayName", "name.familyName", "active", "externalId", "emails"):
        for order in ("ascending", "descending"):
            asked = SearchRequest[User].model_validate({"sortBy": by, "sortOrder": order})
            found = provider.get(f"/Users?sortBy={by}&sortOrder={order}")["Resources"]
            values = [asked.sort_value(by_id[each["id"]]) for each in found]
            assert values == [asked.sort_value(each) for each in asked.sort(everybody)], (by, order)


def test_groups_are_found_as_in_memory(provider: Provider) -> None:
    ana, ben = provider.user(), provider.user()
    provider.group("Alpha", [ana, ben])
    provider.group("beta", [ben])
    provider.group("Gamma")
    everything = [Group.model_validate(each) for each in provider.get("/Groups")["Resources"]]
    for condition in [
        'displayName eq "ALPHA"',
        'displayName sw "g" or displayName ew "ta"',
        f'members eq "{ana["id"]}"',
        f'members.value ne "{ana["id"]}"',
        f'members[value eq "{ben["id"]}"]',
        "members pr",
        "not (members pr)",
        f'id eq "{everything[0].id}"',
    ]:
        in_memory = {each.id for each in everything if ScimFilter[Group](condition).match(each)}
        assert {each["id"] for each in provider.found("Groups", condition)} == in_memory, condition


@pytest.mark.parametrize(
    "wrong",
    [
        "userName",
        'nickname eq "x"',
        'active gt "a"',
        'userName eq "\\u0000"',
        'userName eq "\\ud800"',
        'meta.version eq "x"',
        'meta.created gt "soon"',
    ],
)
def test_a_filter_that_cannot_be_answered_is_refused(provider: Provider, wrong: str) -> None:
    answer = provider.ask("POST", "/Users/.search", {"filter": wrong})
    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidFilter"), answer.text


def test_a_filter_that_is_nested_too_deep_is_refused(provider: Provider) -> None:
    wrong = "not (" * 2000 + "userName pr" + ")" * 2000
    answer = provider.ask("POST", "/Users/.search", {"filter": wrong})
    assert (answer.status_code, answer.json()["status"]) == (400, "400")
    assert provider.patch("/Users/1", {"op": "remove", "path": f"emails[{wrong}]"}).status_code == 400


@pytest.mark.parametrize(
    ("query", "status", "shown"),
    [
        ("startIndex=0&count=1", 200, 1),
        ("startIndex=-5&count=0", 200, 0),
        ("count=-1", 200, 0),
        (f"startIndex={10**30}&count={10**30}", 200, 0),
        ("startIndex=x", 400, 0),
        ("sortOrder=sideways", 400, 0),
        ("cursor=x", 501, 0),
    ],
)
def test_pages_are_within_what_there_is(provider: Provider, query: str, status: int, shown: int) -> None:
    provider.user()
    answer = provider.ask("GET", f"/Users?{query}")
    assert answer.status_code == status, answer.text
    assert len(answer.json().get("Resources", [])) == shown


def test_sorting_by_what_is_not_kept_in_an_order_is_refused(provider: Provider) -> None:
    assert provider.ask("GET", "/Users?sortBy=roles").status_code == 400
    assert provider.ask("GET", "/?sortBy=id").status_code == 501


def test_users_and_groups_are_one_list_at_the_root(provider: Provider) -> None:
    users = {provider.user()["id"] for _ in range(3)}
    groups = {provider.group()["id"] for _ in range(2)}
    seen: list[str] = []
    for start in (1, 3, 5):
        page = provider.get(f"/?startIndex={start}&count=2")
        assert page["totalResults"] == 5
        seen += [each["id"] for each in page["Resources"]]
    assert (set(seen[:3]), set(seen[3:])) == (users, groups)
    assert {each["id"] for each in provider.get("/?filter=userName pr")["Resources"]} == users
    assert provider.get('/?filter=emails[type eq "work"]')["totalResults"] == 3
    named = provider.get('/?filter=displayName eq "Ana Pérez" or displayName sw "group"')
    assert {each["id"] for each in named["Resources"]} == users | groups


MANY = text("""
INSERT INTO users (user_id, org_id, email, name, role)
    SELECT gen_random_uuid(), :org, 'p' || n || '@acme.example', 'P', 'viewer'
    FROM generate_series(1, 20000) n
""")
TOLD = text("INSERT INTO scim_users (user_id, org_id, external_id) SELECT user_id, org_id, email FROM users")


def test_the_filters_of_providers_have_an_index(
    provider: Provider, database: Database, org: Organization
) -> None:
    with database.tenant(org.org_id) as session:
        session.execute(MANY, {"org": org.org_id})
        session.execute(TOLD)
    with database.engine.begin() as connection:
        connection.execute(text("ANALYZE users, scim_users"))
    for condition, index in [
        ('userName eq "p77@acme.example"', "ix_users_user_name"),
        ('externalId eq "p77@acme.example"', "ix_scim_users_external_id"),
    ]:
        query = users.rows(org.org_id).where(SEARCHED_USERS.condition(ScimFilter[User](condition)))
        with database.engine.connect() as connection:
            written = query.compile(connection, compile_kwargs={"literal_binds": True})
            plan = "\n".join(row[0] for row in connection.execute(text(f"EXPLAIN {written}")))
        assert index in plan, plan
