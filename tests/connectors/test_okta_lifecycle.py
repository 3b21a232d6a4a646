"""The life cycle of accounts in Okta, and what it says yes to and does not do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from officeflow.connectors.families.identity import AccountChange
from officeflow.connectors.okta.client import Okta
from officeflow.errors import ConnectorError, NotFound, NothingHappened, Rejected
from tests.connectors.contract import KEY
from tests.connectors.okta_client import ANA, OktaCase, put_status
from tests.counterparts.okta import OktaServer

pytestmark = pytest.mark.integration

ONE = "/api/v1/users/{id}"


class TestLifeCycle(OktaCase):
    @pytest.mark.parametrize(
        ("status", "acts"),
        [
            ("ACTIVE", ["suspend"]),
            ("LOCKED_OUT", ["unlock", "suspend"]),
            ("RECOVERY", ["", "suspend"]),
            pytest.param("PROVISIONED", ["", "suspend"], marks=pytest.mark.long),
            pytest.param("PASSWORD_EXPIRED", ["", "suspend"], marks=pytest.mark.long),
        ],
    )
    def test_whoever_gets_in_is_suspended_and_let_in_again(
        self, okta: Okta, okta_server: OktaServer, status: str, acts: list[str]
    ) -> None:
        account = okta.create_account(ANA, key=KEY)
        put_status(okta_server, status)
        assert okta.get_account(account.id).active
        suspended = okta.set_active(account.id, active=False, key=KEY)
        assert (suspended.active, suspended.status) == (False, "SUSPENDED")
        done = [each["path"].partition(account.id)[2].rpartition("/")[2] for each in okta_server.writes()[1:]]
        assert done == acts
        assert not okta_server.can_sign_in(ANA.login)
        assert okta.set_active(account.id, active=True, key=KEY).status == "ACTIVE"

    def test_an_account_that_a_password_does_not_make_active_is_told_and_not_called_suspended(
        self, okta: Okta, okta_server: OktaServer
    ) -> None:
        account = okta.create_account(ANA, key=KEY)
        put_status(okta_server, "PROVISIONED")
        okta_server.put("settings", "settings", {"stays": ["PROVISIONED"]})
        with pytest.raises(
            Rejected, match="still reads PROVISIONED: Okta suspends active accounts"
        ) as caught:
            okta.set_active(account.id, active=False, key=KEY)
        assert caught.value.maybe_done
        assert caught.value.hint == "deactivate it in Okta, which takes an account of any status"
        assert not any(each["path"].endswith("/suspend") for each in okta_server.writes())

    @pytest.mark.parametrize("status", ["STAGED", "SUSPENDED", "DEPROVISIONED"])
    def test_who_does_not_get_in_is_left_as_it_is(
        self, okta: Okta, okta_server: OktaServer, status: str
    ) -> None:
        account = okta.create_account(ANA, key=KEY)
        put_status(okta_server, status)
        with okta_server.only_reads():
            assert okta.set_active(account.id, active=False, key=KEY).status == status

    @pytest.mark.parametrize("status", ["STAGED", "DEPROVISIONED"])
    def test_staged_and_deactivated_accounts_are_activated_without_a_mail(
        self, okta: Okta, okta_server: OktaServer, status: str
    ) -> None:
        account = okta.create_account(replace(ANA, active=False), key=KEY)
        put_status(okta_server, status)
        assert okta.set_active(account.id, active=True, key=KEY).status == "PROVISIONED"
        assert okta_server.state("mail") == {}

    def test_a_locked_account_is_unlocked_and_another_one_left_alone(
        self, okta: Okta, okta_server: OktaServer
    ) -> None:
        account = okta.create_account(ANA, key=KEY)
        okta_server.control("POST", "lock", {"login": ANA.login})
        assert okta.get_account(account.id).locked
        unlocked = okta.unlock_account(account.id, key=KEY)
        assert (unlocked.locked, unlocked.status) == (False, "ACTIVE")
        with okta_server.only_reads():
            okta.unlock_account(account.id, key=KEY)

    def test_a_deactivated_account_is_deleted_and_cannot_be_deleted_again(
        self, okta: Okta, okta_server: OktaServer
    ) -> None:
        account = okta.create_account(ANA, key=KEY)
        put_status(okta_server, "DEPROVISIONED")
        okta.delete_account(account.id, key=KEY)
        assert okta_server.user(ANA.login) is None
        with pytest.raises(NotFound):
            okta.delete_account(account.id, key=KEY)

    def test_a_deletion_that_stops_after_its_first_step_may_be_done_and_goes_on_from_there(
        self, okta: Okta, okta_server: OktaServer
    ) -> None:
        account = okta.create_account(ANA, key=KEY)
        okta_server.add_faults({"hook": "rate_limit", "method": "DELETE", "route": ONE})
        with pytest.raises(ConnectorError) as caught:
            okta.delete_account(account.id, key=KEY)
        assert (caught.value.maybe_done, caught.value.taken) == (True, False)
        assert okta.get_account(account.id).status == "DEPROVISIONED"
        okta.delete_account(account.id, key=KEY)
        assert okta_server.user(ANA.login) is None

    def test_a_change_of_status_that_okta_works_off_later_is_waited_for(
        self, okta: Okta, okta_server: OktaServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("officeflow.connectors.okta.base.SETTLES", 20)
        account = okta.create_account(ANA, key=KEY)
        route = f"{ONE}/lifecycle/suspend"
        okta_server.add_faults(
            {"hook": "lag", "method": "POST", "route": route, "reads": 3, "seen_by": [f"GET {ONE}"]}
        )
        assert okta.set_active(account.id, active=False, key=KEY).status == "SUSPENDED"


Act = Callable[[Okta, str], Any]
STEP = f"{ONE}/lifecycle"
LIES: dict[str, tuple[str, str, Act]] = {
    "update": ("POST", ONE, lambda okta, id_: okta.update_account(id_, AccountChange(title="x"), key=KEY)),
    "rename": ("POST", ONE, lambda okta, id_: okta.rename_account(id_, "x@y.zz", keep_old=False, key=KEY)),
    "suspend": ("POST", f"{STEP}/suspend", lambda okta, id_: okta.set_active(id_, active=False, key=KEY)),
    "deactivate": ("POST", f"{STEP}/deactivate", lambda okta, id_: okta.delete_account(id_, key=KEY)),
    "delete": ("DELETE", ONE, lambda okta, id_: okta.delete_account(id_, key=KEY)),
}


class TestLies(OktaCase):
    @pytest.mark.parametrize("lie", LIES)
    def test_yes_without_an_effect_is_found_out(self, okta: Okta, okta_server: OktaServer, lie: str) -> None:
        account = okta.create_account(ANA, key=KEY)
        method, route, act = LIES[lie]
        okta_server.add_faults({"hook": "nothing", "method": method, "route": route})
        with pytest.raises(NothingHappened) as caught:
            act(okta, account.id)
        assert caught.value.taken
