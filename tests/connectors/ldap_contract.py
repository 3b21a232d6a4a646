"""What holds for every connector that speaks LDAP: a real directory behind a proxy that fails on purpose.

It is to LDAP what `http_contract` is to HTTP. Statuses are result codes: busy and unavailable are what 429
and 503 are there, and tell no time to wait. A bind is what a token is: who signs in at the first request of a
connection does so again at the first one of the next. What has no place in the protocol has no case here:
proxies, packed answers, content types and headers, so that nothing carries a correlation id or the key of an
act.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

import pytest

from officeflow.connectors.families.identity import AccountChange
from officeflow.connectors.reach import answers
from officeflow.errors import (
    Conflict,
    ConnectorError,
    NotFound,
    NothingHappened,
    Rejected,
    Transient,
    Unauthorized,
)
from tests.connectors.contract import KEY
from tests.connectors.directory_basis import DirectoryBasis
from tests.connectors.ldap_faults import (
    ADD,
    BIND,
    MODIFY,
    SEARCH,
    WRITING,
    Fault,
    FaultyDirectory,
    Kind,
    PlainDirectory,
)
from tests.counterparts.directory import BASE, DirectoryServer

REFUSALS: dict[tuple[int, str], tuple[type[ConnectorError], bool]] = {
    (3, ""): (Transient, True),
    (10, ""): (Rejected, False),
    (11, ""): (Rejected, False),
    (16, ""): (Conflict, False),
    (19, "hunter2"): (Rejected, False),
    (19, "0000052D: hunter2"): (Rejected, False),
    (19, "000021C7: hunter2"): (Conflict, False),
    (32, ""): (NotFound, False),
    (50, ""): (Unauthorized, False),
    (53, "00002098: x"): (Unauthorized, False),
    (51, ""): (Transient, False),
    (52, ""): (Transient, True),
    (53, ""): (Rejected, False),
    (68, ""): (Conflict, False),
    (80, ""): (Transient, True),
    (118, ""): (Rejected, False),
}
"""A result and what is told with it to the error, and whether it may be done."""
NO_LIST: dict[int, type[ConnectorError]] = {
    3: Transient,
    4: Rejected,
    10: Rejected,
    11: Rejected,
    32: Rejected,
    50: Unauthorized,
    51: Transient,
    52: Transient,
    80: Transient,
}
"""Of time and size limits, referrals, a base that is away, rights, and a directory that does not serve."""


class LdapContract(DirectoryBasis):
    """For directories of any kind."""

    # ── the way there ──

    def test_start_tls_is_as_good(self, server: DirectoryServer) -> None:
        client = self.open(self.connection(server, port=server.port, security="starttls"))
        assert client.address == f"ldap://127.0.0.1:{server.port}"
        assert self.write(client).active
        assert client.standing().who
        client.close()
        assert "asks who we are" in answers(self.connection(server))

    @pytest.mark.parametrize(("code", "kind"), [(2, Rejected), (52, Transient), (0, Transient)])
    def test_without_tls_nothing_is_sent(
        self, server: DirectoryServer, code: int, kind: type[ConnectorError]
    ) -> None:
        """Where the directory refuses to begin it, and where it says that it does, and does not."""
        with PlainDirectory(code).running() as plain:
            changes = {"port": plain.port, "security": "starttls"}
            with closing(self.open(self.connection(server, **changes))) as client:
                with pytest.raises(kind) as caught:
                    self.write(client)
                assert type(caught.value) is kind
                assert not caught.value.maybe_done
        assert plain.heard
        for secret in (server.secret, server.service_account, self.new.login):
            assert secret.encode() not in plain.heard

    def test_a_certificate_that_does_not_verify_ends_it_before_the_password_is_sent(
        self, server: DirectoryServer, proxy: FaultyDirectory
    ) -> None:
        """By an authority that nobody trusts, or for another name."""
        for options in (
            {"ca_file": ""},
            {"ca_file": "", "port": server.port, "security": "starttls"},
            {"host": "localhost", "port": proxy.port, "ca_file": str(proxy.authority)},
        ):
            with closing(self.open(self.connection(server, **options))) as client:
                for act in (client.check, lambda client=client: self.write(client)):
                    with pytest.raises(Rejected, match="its certificate") as caught:
                        act()
                    assert "ca_file" in caught.value.hint
                    assert not caught.value.maybe_done
        assert [each for each in server.requests() if each["method"] == "BIND"] == []

    def test_who_is_signed_in_is_so_again_on_the_next_connection_or_is_told_why_not(
        self, server: DirectoryServer, proxy: FaultyDirectory
    ) -> None:
        """The password may have been changed meanwhile."""
        with closing(self.through(server, proxy)) as client:
            assert client.find_account(login=self.new.login) is None
            proxy.fault(Fault("notice", frozenset({SEARCH})))
            with pytest.raises(Transient) as ended:
                client.find_account(login=self.new.login)
            proxy.fault(Fault("refuse", frozenset({BIND}), code=49))
            with pytest.raises(Unauthorized) as refused:
                self.write(client)
            for caught in (ended, refused):
                assert not caught.value.maybe_done
            assert not refused.value.retryable
            assert self.write(client).active

    # ── refusals ──

    def test_a_refusal_is_told_by_its_code(
        self, server: DirectoryServer, proxy: FaultyDirectory, ada: Any
    ) -> None:
        """And by nothing that the directory says of it, which may quote a secret."""
        client = self.through(server, proxy)
        for (code, message), (kind, maybe) in REFUSALS.items():
            proxy.fault(Fault("refuse", frozenset({MODIFY}), code=code, message=message.encode()))
            with pytest.raises(ConnectorError) as caught:
                client.update_account(ada.id, AccountChange(title="x"), key=KEY)
            assert (type(caught.value), caught.value.status) == (kind, code)
            assert caught.value.maybe_done is maybe, code
            assert caught.value.provider == self.provider
            assert "hunter2" not in str(caught.value)
        client.close()

    def test_no_result_of_what_stands_before_it_is_taken_as_proof_that_nothing_happened(
        self, server: DirectoryServer, proxy: FaultyDirectory, client: Any, ada: Any
    ) -> None:
        """The directory has acted, and then something in between answers: the last time by a code that no
        protocol has.
        """
        for code in (3, 52, 80, 90):
            with closing(self.through(server, proxy)) as through:
                proxy.fault(Fault("act_then_refuse", frozenset({MODIFY}), code=code))
                with pytest.raises(ConnectorError) as caught:
                    through.update_account(ada.id, AccountChange(title=f"t{code}"), key=KEY)
            assert caught.value.maybe_done
            assert client.get_account(ada.id).title == f"t{code}"

    def test_a_search_that_is_not_done_says_not_that_nobody_is_there(
        self, server: DirectoryServer, proxy: FaultyDirectory, ada: Any
    ) -> None:
        with closing(self.through(server, proxy)) as client:
            for code, kind in NO_LIST.items():
                proxy.fault(Fault("refuse", frozenset({SEARCH}), code=code))
                with pytest.raises(kind) as caught:
                    client.find_account(login=ada.login)
                assert (type(caught.value), caught.value.status) == (kind, code)
                assert not caught.value.maybe_done
            for look in (
                lambda: client.get_account(ada.id),
                lambda: client.delete_account(ada.id, key=KEY),
                lambda: list(client.list_accounts()),
            ):
                proxy.fault(Fault("refuse", frozenset({SEARCH}), code=4))
                with pytest.raises(Rejected, match="sizeLimitExceeded") as limited:
                    look()
                assert "size limit" in limited.value.hint

    def test_who_is_below_a_base_that_is_away_is_not_gone(self, server: DirectoryServer, ada: Any) -> None:
        """Or else a deletion at a wrong base would be taken for done."""
        with closing(self.open(self.connection(server, base=f"ou=Nowhere,{BASE}", unit=""))) as lost:
            with pytest.raises(Rejected, match="Nowhere") as caught:
                lost.delete_account(ada.id, key=KEY)
            assert "base" in caught.value.hint
            with pytest.raises(NotFound, match="Nowhere"):
                lost.check()

    # ── silence ──

    def test_silence_after_a_write_says_that_it_may_be_done(
        self, server: DirectoryServer, proxy: FaultyDirectory
    ) -> None:
        kinds: tuple[Kind, ...] = ("act_then_silent", "act_then_drop")
        for number, kind in enumerate(kinds):
            client = self.through(server, proxy, timeout=1)
            proxy.fault(Fault(kind, frozenset({ADD})))
            with pytest.raises(Transient) as caught:
                client.create_account(self.person(f"p{number}", external_id=f"x{number}"), key=KEY)
            client.close()
            assert caught.value.maybe_done
            assert len(server.people()) == number + 1

    def test_whatever_breaks_when_the_error_says_whether_it_may_be_done(
        self, server: DirectoryServer, proxy: FaultyDirectory, ada: Any
    ) -> None:
        """The line breaks at each search in turn: before the write, and while it is read back. The next act
        has another line.
        """
        acts: tuple[Callable[[Any, int], object], ...] = (
            lambda it, n: it.update_account(ada.id, AccountChange(title=f"t{n}"), key=KEY),
            lambda it, n: it.set_groups(ada.id, [("Staff", "Sales")[n % 2]], key=KEY),
            lambda it, n: it.move_account(ada.id, ("Leavers", "People")[n % 2], key=KEY),
            lambda it, n: it.rename_account(ada.id, f"ada{n}x", keep_old=False, key=KEY),
        )
        with closing(self.through(server, proxy)) as client:
            for act in acts:
                broken = written = 0
                before = len(server.writes())
                while (error := self.broken_at(broken, partial(act, client, written), proxy)) is not None:
                    wrote = len(server.writes()) > before
                    assert (error.maybe_done, error.taken) == (wrote, wrote), (broken, error)
                    before = len(server.writes())
                    broken, written = broken + 1, written + wrote
                assert broken > written > 0

    def broken_at(self, search: int, act: Callable[[], object], proxy: FaultyDirectory) -> Transient | None:
        """What the act raises where the line breaks at this search; None where it has fewer."""
        fault = Fault("drop", frozenset({SEARCH}), spared=search)
        proxy.fault(fault)
        try:
            act()
        except Transient as error:
            return error
        finally:
            fault.times = 0
        return None

    def test_silence_before_a_write_says_that_nothing_is_done(
        self, server: DirectoryServer, proxy: FaultyDirectory
    ) -> None:
        client = self.through(server, proxy, timeout=0.5)
        proxy.fault(Fault("silent", frozenset({SEARCH})))
        with pytest.raises(Transient) as caught:
            self.write(client)
        assert not caught.value.maybe_done
        assert self.write(client).active, "the next call has a connection of its own"
        client.close()

    # ── answers without sense ──

    def test_what_is_no_answer_ends(self, server: DirectoryServer, proxy: FaultyDirectory, ada: Any) -> None:
        """After a write it may be done."""
        faults: tuple[tuple[int, Kind], ...] = (
            (SEARCH, "garbage"),
            (SEARCH, "flood"),
            (SEARCH, "trickle"),
            (MODIFY, "garbage"),
        )
        for tag, kind in faults:
            client = self.through(server, proxy, timeout=10 if kind == "flood" else 0.3)
            proxy.fault(Fault(kind, frozenset({tag})))
            with pytest.raises((Rejected, Transient)) as caught:
                client.update_account(ada.id, AccountChange(title="x"), key=KEY)
            client.close()
            assert caught.value.maybe_done is (tag == MODIFY)

    def test_a_value_that_is_no_text_is_left_out(
        self, server: DirectoryServer, proxy: FaultyDirectory, ada: Any
    ) -> None:
        spoilt = Fault(
            "rewrite", frozenset({SEARCH}), change=lambda answer: answer.replace(b"Byron", b"By\xffon")
        )
        with closing(self.through(server, proxy)) as client:
            proxy.fault(spoilt)
            found = client.get_account(ada.id)
            assert (found.id, found.login, found.family_name) == (ada.id, ada.login, None)
            assert client.get_account(ada.id) == ada

    def test_a_yes_after_which_nothing_is_there_is_found_out(
        self, server: DirectoryServer, proxy: FaultyDirectory, ada: Any
    ) -> None:
        client = self.through(server, proxy)
        boss = client.create_account(self.person("boss", external_id="3", display_name="Boss"), key=KEY)
        proxy.fault(Fault("lie", WRITING, times=99))
        bob = self.person("bob", external_id="2", display_name="Bob")
        acts: tuple[Callable[[], object], ...] = (
            lambda: client.create_account(bob, key=KEY),
            lambda: client.update_account(ada.id, AccountChange(title="x"), key=KEY),
            lambda: client.rename_account(ada.id, self.login("eve"), keep_old=False, key=KEY),
            lambda: client.set_active(ada.id, active=False, key=KEY),
            lambda: client.set_groups(ada.id, ["Staff"], key=KEY),
            lambda: client.move_account(ada.id, "Leavers", key=KEY),
            lambda: client.set_manager(ada.id, boss.id, key=KEY),
            lambda: client.delete_account(ada.id, key=KEY),
            lambda: client.set_expiry(ada.id, dt.datetime(2030, 1, 1, tzinfo=dt.UTC), key=KEY),
        )
        for act in acts:
            with pytest.raises(NothingHappened) as caught:
                act()
            assert caught.value.maybe_done
        client.close()
