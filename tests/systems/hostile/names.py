"""Names of people and logins that are not what a system expects."""

from __future__ import annotations

from tests.systems.hostile.walk import Walk, clearly

LDAP = ("*)(|(objectClass=*", "x,ou=Leavers,dc=acme,dc=example+uid=ana")
FILTERS = ("x' or startswith(displayName,'a') or 'a' eq 'b", 'x" or userName pr or profile.login sw "a')


def long_name(walk: Walk) -> None:
    """The one request of the list that a vendor's description may have no room for."""
    walk.kept_or_refused("bea", "2001", given="ñ" * 300, family="Núñez")
    said = [problem for each in walk.system.problems() for problem in each["problems"]]
    assert set(said) <= {walk.system.longest_name}
    walk.monkeypatch.setattr(walk.system, "problems", list)


def emoji(walk: Walk) -> None:
    walk.kept_or_refused("bea", "2001", given="Bea 🎉", family="👩🏽‍🚀 Núñez")


def right_to_left(walk: Walk) -> None:
    walk.kept_or_refused("bea", "2001", given="عَبْد الله", family="בן־דוד")


def one_name(walk: Walk) -> None:
    walk.kept_or_refused("bea", "2001", given="Suharto", family=None)


def apostrophe(walk: Walk) -> None:
    hired = walk.kept_or_refused("o'brien", "2001", given="Siobhán", family="O'Brien")
    if hired.status == "success":
        found = walk.done("find_account", login=walk.login("o'brien"), external_id="2001")
        assert found["account_id"] == hired.output["account_id"]


def ldap_injection(walk: Walk) -> None:
    _stay_values(walk, LDAP)


def filter_injection(walk: Walk) -> None:
    _stay_values(walk, FILTERS)


def _stay_values(walk: Walk, texts: tuple[str, ...]) -> None:
    """In searches, as names, in groups and as a manager: nobody else is found, read or changed."""
    before = walk.there()
    for text in texts:
        for found in (walk.run("find_account", login=text), walk.run("find_account", external_id=text)):
            assert not found.output["found"] if found.status == "success" else clearly(found)
    for name, params in (
        ("suspend_account", {"login": texts[0]}),
        ("set_groups", {"login": walk.login("ana"), "groups": [texts[0]]}),
        ("set_manager", {"login": walk.login("ana"), "manager": {"login": texts[0]}}),
    ):
        clearly(walk.run(name, **params))
    assert walk.there() == before
    for number, text in enumerate(texts):
        walk.kept_or_refused(f"bea{number}", f"200{number}", given=text, family=text, display_name=text)
    assert len({seen.unit for seen in walk.there().people.values()}) == 1


def case_or_accent(walk: Walk) -> None:
    """In another case it is Ana's login, which somebody else does not get; with an accent it is another one,
    and its account its own.
    """
    walk.refused(
        "create_account",
        "conflict",
        login=walk.login("ana").upper(),
        external_id="2001",
        given_name="Bea",
        family_name="Núñez",
        attributes=dict(walk.system.attributes),
    )
    accented = walk.login("aná")
    found = walk.run("find_account", login=accented)
    assert not found.output["found"] if found.status == "success" else clearly(found)
    hired = walk.kept_or_refused("aná", "2002", given="Aná", family="Núñez")
    suspended = walk.run("suspend_account", login=accented)
    there = walk.there().people
    assert there[walk.login("ana")].active
    if hired.status == "success":
        assert hired.output["account_id"] != walk.stage.ana_id
        assert not there[hired.output["login"]].active
    else:
        clearly(suspended)


def login_taken_again(walk: Walk) -> None:
    """Who is named by the id of the one that is gone is not whoever has the login now."""
    gone, login = walk.stage.ana_id, walk.login("ana")
    walk.done("delete_account", account_id=gone)
    made = walk.hire("ana", "2001", given="Ana", family="Otra")
    assert made.status == "success", made.error
    assert (made.output["created"], made.output["account_id"] != gone) == (True, True)
    walk.refused("suspend_account", account_id=gone)
    walk.refused("suspend_account", account_id=gone, login=login)
    found = walk.done("find_account", external_id="1001")
    assert not found["found"]
    again = walk.done("delete_account", account_id=gone, login=login)
    assert not again["changed"]
    assert walk.there().people[login].number == "2001"


def circle(walk: Walk) -> None:
    """One that would be made, and one that is there already."""
    ana, boss = walk.login("ana"), walk.login("boss")
    walk.done("set_manager", login=ana, manager={"login": boss})
    said = walk.refused("set_manager", "conflict", login=boss, manager={"login": ana})
    assert ana in said
    assert boss in said
    walk.refused("set_manager", "conflict", login=ana, manager={"login": ana})
    assert walk.there().people[boss].manager == ""


def crowd(walk: Walk) -> None:
    join_a_crowd(walk, walk.system.some)


def join_a_crowd(walk: Walk, count: int) -> None:
    """Ana joins and leaves, and everybody else is still in."""
    group, size = walk.system.crowd(count)
    there = size()
    assert there >= count
    walk.done("add_groups", login=walk.login("ana"), groups=[group])
    assert size() == there + 1
    walk.done("remove_groups", login=walk.login("ana"), groups=[group])
    assert size() == there
