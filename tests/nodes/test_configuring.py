"""Single sign-on of applications where something is in the way: on paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from officeflow.connectors.families.identity import Application, OidcSettings, SamlSettings
from officeflow.errors import NotUndoable
from officeflow.nodes.identity.configure_application import ConfigureApplication, Result
from officeflow.sdk import Doing, NodeResult, Planned
from tests.nodes.accounts import Killed, fails
from tests.nodes.paper.directory import Lie, PaperDirectory
from tests.nodes.world import World

OLD = SamlSettings(
    entity_id="https://crm.example/saml",
    acs_urls=("https://crm.example/acs", "https://crm.example/acs2"),
    name_id="user.email",
    attributes={"sn": "user.sn"},
    logout_url="https://crm.example/out",
)
SAML: Mapping[str, Any] = {"entity_id": OLD.entity_id, "acs_urls": list(OLD.acs_urls)}
OIDC: Mapping[str, Any] = {"redirect_urls": ["https://crm.example/callback"]}
CREATE = {"name": "CRM", "oidc": OIDC}
integration = pytest.mark.integration


@pytest.fixture
def paper(world: World) -> PaperDirectory:
    return world.paper


@pytest.fixture
def crm(paper: PaperDirectory) -> Application:
    paper.applications.append(Application(id="app1", name="CRM", sso=OLD))
    return paper.applications[0]


def run(world: World, params: Mapping[str, Any], try_number: int = 1, **more: Any) -> NodeResult:
    return world.run(
        "identity.configure_application", params, connection="paper", try_number=try_number, **more
    )


def plan(world: World, params: Mapping[str, Any]) -> Planned:
    provider = world.open("paper", "identity", only_looks=True)
    [planned] = ConfigureApplication().plan(ConfigureApplication.parse(params), provider, world.act())
    return planned


def undo(world: World, params: Mapping[str, Any], done: NodeResult) -> None:
    ConfigureApplication().undo(
        ConfigureApplication.parse(params),
        Result.model_validate(done.output),
        world.open("paper", "identity"),
        world.act(),
    )


@integration
class TestCreating:
    def test_one_that_there_is_not_is_created_and_the_plan_says_with_what(
        self, world: World, paper: PaperDirectory
    ) -> None:
        planned = plan(world, CREATE)
        output = run(world, CREATE).output
        [made] = paper.applications
        assert (made.name, made.sso) == ("CRM", OidcSettings(redirect_urls=("https://crm.example/callback",)))
        assert (output["created"], output["before"], output["application_id"]) == (True, None, made.id)
        assert output["metadata_url"] == made.metadata_url
        assert planned.doing is Doing.CREATE
        assert [(each.field, each.after) for each in planned.fields] == [
            ("redirect_urls", ["https://crm.example/callback"]),
            ("public", False),
        ]

    def test_after_a_crash_it_is_the_one_that_was_created(
        self, world: World, paper: PaperDirectory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(ConfigureApplication, "audit", lambda *_: _die())
            with pytest.raises(Killed):
                run(world, CREATE)
        output = run(world, CREATE, try_number=2).output
        assert (output["created"], output["changed"], len(paper.applications)) == (True, True, 1)

    def test_one_that_somebody_has_made_after_a_try_that_failed_is_theirs(
        self, world: World, paper: PaperDirectory
    ) -> None:
        taken = Application(id="x", name="CRM", sso=OidcSettings(redirect_urls=tuple(OIDC["redirect_urls"])))
        paper.meanwhile["create_application"] = lambda: paper.applications.append(taken)
        fails(run(world, CREATE), "conflict")
        output = run(world, CREATE, try_number=2).output
        assert (output["created"], output["changed"], output["application_id"]) == (False, False, "x")

    def test_one_that_was_created_stays_when_the_run_is_undone(
        self, world: World, paper: PaperDirectory
    ) -> None:
        done = run(world, CREATE)
        with pytest.raises(NotUndoable, match="CRM stays"):
            undo(world, CREATE, done)
        assert len(paper.applications) == 1


@integration
class TestChanging:
    def test_only_what_differs_is_changed_and_what_is_not_named_stays(
        self, world: World, paper: PaperDirectory, crm: Application
    ) -> None:
        params = {"name": "crm", "saml": {**SAML, "attributes": {"mail": "user.email"}}}
        planned = plan(world, params)
        output = run(world, params).output
        after = paper.applications[0].sso
        assert after == SamlSettings(
            entity_id=OLD.entity_id,
            acs_urls=OLD.acs_urls,
            name_id=OLD.name_id,
            attributes={"sn": "user.sn", "mail": "user.email"},
            logout_url=OLD.logout_url,
        )
        assert (output["fields"], output["application_id"]) == (["attributes.mail"], crm.id)
        assert [(each.field, each.before, each.after) for each in planned.fields] == [
            ("attributes.mail", None, "user.email")
        ]

    @pytest.mark.usefixtures("crm")
    def test_the_order_of_addresses_counts_only_for_the_first(
        self, world: World, paper: PaperDirectory
    ) -> None:
        third = "https://crm.example/acs3"
        run(world, {"name": "CRM", "saml": {**SAML, "acs_urls": [*OLD.acs_urls, third]}})
        mixed = {"name": "CRM", "saml": {**SAML, "acs_urls": [OLD.acs_urls[0], third, OLD.acs_urls[1]]}}
        first = {"name": "CRM", "saml": {**SAML, "acs_urls": [third, *OLD.acs_urls]}}
        assert run(world, mixed, node="mixed").output["changed"] is False
        assert run(world, first, node="first").output["fields"] == ["acs_urls"]
        assert paper.done("configure_application") == 2

    @pytest.mark.usefixtures("crm")
    def test_one_protocol_is_never_changed_to_the_other(self, world: World, paper: PaperDirectory) -> None:
        message = fails(run(world, CREATE), "rejected")
        assert "by SAML" in message
        assert paper.writes() == []

    def test_of_several_of_a_name_one_is_chosen_by_its_id(
        self, world: World, paper: PaperDirectory, crm: Application
    ) -> None:
        paper.applications.append(Application(id="app2", name="CRM"))
        assert "app1, app2" in fails(run(world, {"name": "CRM", "saml": SAML}), "conflict")
        params = {"application_id": crm.id, "saml": {**SAML, "name_id": "user.login"}}
        assert run(world, params, node="two").output["fields"] == ["name_id"]

    @pytest.mark.usefixtures("crm")
    @pytest.mark.parametrize("params", [{"application_id": "x"}, {"application_id": "app1", "name": "ERP"}])
    def test_an_id_that_is_none_or_anothers_is_not_created(
        self, world: World, paper: PaperDirectory, params: Mapping[str, Any]
    ) -> None:
        fails(run(world, {**params, "saml": SAML}), "not_found")
        assert paper.writes() == []

    @pytest.mark.usefixtures("crm")
    def test_a_yes_that_did_nothing_is_no_success(self, world: World, paper: PaperDirectory) -> None:
        paper.lies["configure_application"] = Lie.IGNORES
        params = {"name": "CRM", "saml": {**SAML, "name_id": "user.login"}}
        error = run(world, params).error
        assert error is not None
        assert "said yes" in error.message

    @pytest.mark.usefixtures("crm")
    def test_undoing_leaves_what_somebody_has_changed_since(
        self, world: World, paper: PaperDirectory
    ) -> None:
        params = {"name": "CRM", "saml": {**SAML, "name_id": "user.login"}}
        done = run(world, params)
        run(world, {"name": "CRM", "saml": {**SAML, "name_id": "user.id"}}, node="somebody")
        with pytest.raises(NotUndoable, match="name_id"):
            undo(world, params, done)
        sso = paper.applications[0].sso
        assert isinstance(sso, SamlSettings)
        assert sso.name_id == "user.id"


@pytest.mark.parametrize(
    "address",
    [
        *("http://crm.example/cb", "crm.example/cb", "https://", "https://user:pw@crm.example/cb"),
        *(
            "https://*.example/cb",
            "https://crm.example/cb#x",
            "https://crm.example/ cb",
            "javascript:alert(1)",
        ),
        *(
            "https://crm.example\\@evil.example",
            "https://crm.example/cb\n",
            "https://[::1",
            "com.example.app:*",
        ),
    ],
)
def test_an_address_that_may_lead_elsewhere_is_refused(address: str) -> None:
    result = ConfigureApplication.validate({"name": "CRM", "oidc": {"redirect_urls": [address]}})
    assert [problem.path for problem in result.problems] == ["params.oidc.redirect_urls[0]"]


@pytest.mark.parametrize(
    "address",
    ["https://crm.example:8443/cb?x=1", "http://localhost:3000/cb", "http://[::1]/cb", "com.example.app:/cb"],
)
def test_an_address_of_the_application_is_taken(address: str) -> None:
    assert ConfigureApplication.validate({"name": "CRM", "oidc": {"redirect_urls": [address]}}).valid


@pytest.mark.parametrize(
    "params",
    [{"name": "CRM"}, {"oidc": OIDC}, {"name": "CRM", "oidc": OIDC, "saml": SAML}],
    ids=["no protocol", "no application", "two protocols"],
)
def test_it_is_one_application_and_one_protocol(params: Mapping[str, Any]) -> None:
    assert not ConfigureApplication.validate(params).valid


def _die() -> None:
    raise Killed
