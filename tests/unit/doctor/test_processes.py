"""What the doctor finds of this machine, its clocks, and the processes on it."""

from __future__ import annotations

import datetime as dt
import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from officeflow.doctor import clocks, machine, processes
from officeflow.doctor.finding import Outcome, Subject
from officeflow.monitoring import activity
from officeflow.runtime.health import Health, HealthState
from officeflow.stack.supervision import control
from officeflow.stack.supervision.states import ProcessState
from tests.unit.doctor.conftest import FINE, WARNED, WRONG, outcomes


class TestMachine:
    def test_secrets_that_others_can_read_are_a_problem_with_the_remedy(self, subject: Subject) -> None:
        home = subject.layout.home
        (home / "run").mkdir()
        for path in (home / "secrets.json", home / "run" / "listener.json"):
            path.write_text("{}")
            path.chmod(0o600)
        assert outcomes(machine.permissions(subject)) == [FINE]
        (home / "run" / "listener.json").chmod(0o644)
        (found,) = machine.permissions(subject)
        assert found.outcome is WRONG
        assert found.do == f"chmod 600 {home}/run/listener.json"

    def test_a_disk_is_judged_by_what_is_left(
        self, subject: Subject, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for least, comfortable, outcome in ((0.0, 0.0, FINE), (0.0, 1e9, WARNED), (1e9, 1e9, WRONG)):
            monkeypatch.setattr(machine, "LEAST", least)
            monkeypatch.setattr(machine, "COMFORTABLE", comfortable)
            assert outcomes(machine.disk(subject)) == [outcome]

    def test_a_disk_of_logs_without_room_is_a_problem(
        self, subject: Subject, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert outcomes(machine.log_disk(subject)) == [FINE]
        for name in ("LEAST_FOR_LOGS", "LEAST_FILES"):
            with monkeypatch.context() as changed:
                changed.setattr(machine, name, 1e15)
                [found] = machine.log_disk(subject)
                assert (found.outcome, "lines are lost" in found.says, "make room" in found.do) == (
                    WRONG,
                    True,
                    True,
                )

    def test_a_folder_of_logs_that_takes_no_byte_is_a_problem(
        self, subject: Subject, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(machine, "_existing", lambda _: Path("/proc/1"))
        for name in ("LEAST_FOR_LOGS", "LEAST_FILES"):
            monkeypatch.setattr(machine, name, 0)
        [found] = machine.log_disk(subject)
        assert (found.outcome, "cannot be written" in found.says) == (WRONG, True)

    def test_logs_are_measured(self, subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
        (subject.layout.data / "airflow" / "logs" / "run").mkdir(parents=True)
        (subject.layout.data / "airflow" / "logs" / "run" / "task.log").write_bytes(b"x" * 2**20)
        assert outcomes(machine.log_size(subject)) == [FINE]
        monkeypatch.setattr(machine, "MUCH_LOG", 0.0005)
        assert outcomes(machine.log_size(subject)) == [WARNED]


class TestClocks:
    @pytest.mark.parametrize(
        ("ahead", "outcome"), [(0.0, FINE), (1.9, FINE), (-1.9, FINE), (2.1, WRONG), (-3600.0, WRONG)]
    )
    def test_more_than_two_seconds_are_a_problem(self, ahead: float, outcome: Outcome) -> None:
        assert clocks.judged("PostgreSQL", ahead).outcome is outcome

    def test_skew_is_measured_from_the_middle_of_asking(self) -> None:
        assert abs(clocks.skew(time.time)) < 0.5
        assert clocks.skew(lambda: time.time() + 60) == pytest.approx(60, abs=0.5)


class TestProcesses:
    def test_a_home_without_a_stack_says_that_it_sees_none(self, subject: Subject) -> None:
        assert outcomes(processes.supervised(subject)) == [WARNED]

    def test_only_what_supervisord_started_again_is_a_warning(
        self, subject: Subject, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A first start takes minutes before the last process begins: that one is young, and as it should
        be.
        """
        services = (
            control.ServiceStatus("postgres", ProcessState.RUNNING, 10, 400),
            control.ServiceStatus("steward", ProcessState.RUNNING, 11, 3),
        )
        monkeypatch.setattr(
            control, "status", lambda layout, **_: control.Status(running=True, home="", services=services)
        )
        for pids, expected in (
            ({}, [FINE]),
            ({"postgres": 10, "steward": 11}, [FINE]),
            ({"postgres": 10, "steward": 9}, [WARNED, FINE]),
        ):
            assert (
                outcomes(processes.supervised(replace(subject, state={"services": [], "pids": pids})))
                == expected
            )

    def test_what_the_listener_and_the_steward_say_is_judged(self, subject: Subject) -> None:
        folder = subject.layout.home / "health"
        folder.mkdir()
        (folder / "lifecycle_events.json").write_text(json.dumps({"state": "reading"}))
        (folder / "steward.json").write_text(
            json.dumps({"state": "working", "failing": {"relay": "Unavailable: Kafka"}})
        )
        listener, steward = processes.health(subject)
        assert (listener.outcome, steward.outcome) == (FINE, WRONG)
        assert "duty relay fails: Unavailable: Kafka" in steward.says
        os.utime(folder / "lifecycle_events.json", (time.time() - 60, time.time() - 60))
        silent = next(processes.health(subject))
        assert (silent.outcome, silent.do) == (WRONG, "./officeflow logs listener")

    def test_a_partition_that_the_listener_holds_is_told(self, subject: Subject) -> None:
        folder = subject.layout.home / "health"
        folder.mkdir()
        health = Health(subject.layout.home, "lifecycle_events")
        held = ["hr.lifecycle[0]", "hr.lifecycle[2]"]
        health.beat(HealthState.READING, topics=["hr.lifecycle[0]"], held=held, passed_over={})
        found = list(processes.health(subject))
        assert [each.outcome for each in found] == [WARNED, FINE]
        assert found[0].says == (
            "the listener holds hr.lifecycle[0], hr.lifecycle[2] for some minutes: too much is bad there"
        )

    @pytest.mark.parametrize(
        ("seconds", "expected"), [(processes.PATIENT_SECONDS - 1, FINE), (processes.PATIENT_SECONDS, WRONG)]
    )
    def test_deliveries_that_cannot_leave_the_gateways_disk_for_minutes_are_a_problem_with_the_reason(
        self, subject: Subject, seconds: int, expected: Outcome
    ) -> None:
        folder = subject.layout.home / "health"
        folder.mkdir()
        staying = {"letter": {"seconds": seconds, "why": "permission denied"}}
        told = {"state": "working", "spool": {"event": 0, "letter": 4}, "cannot_leave": staying}
        (folder / "gateway.json").write_text(json.dumps(told))
        [found] = processes.health(subject)
        assert found.outcome is expected
        if expected is WRONG:
            assert found.says == (
                "for 3 min 4 deliveries cannot go from the gateway's disk into the quarantine:"
                " permission denied"
            )

    @pytest.mark.parametrize(
        ("tried", "ready", "expected"),
        [(-20, -5, FINE), (-2, -5, WRONG), (-200, -100, WRONG), (-20, None, WRONG), (None, -5, WRONG)],
        ids=[
            "before all was up",
            "after all was up",
            "its next turn hangs",
            "no stack of ours",
            "nobody knows when",
        ],
    )
    def test_a_duty_that_failed_while_up_restarted_what_it_needs_is_no_problem_until_it_fails_again(
        self, subject: Subject, tried: int | None, ready: int | None, expected: Outcome
    ) -> None:
        def moment(seconds: int | None) -> str | None:
            return (
                None
                if seconds is None
                else (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)).isoformat()
            )

        (subject.layout.home / "health").mkdir()
        told = {
            "state": "working",
            "failing": {"run-watch": "ConnectError"},
            "tried": {"run-watch": moment(tried)} if tried else {},
        }
        (subject.layout.home / "health" / "steward.json").write_text(json.dumps(told))
        state = {"ready": moment(ready)}
        subject.layout.state_file.write_text(json.dumps(state))
        assert outcomes(processes.health(replace(subject, state=state))) == [expected]
        shown = activity._processes(subject.layout)["failing"]
        assert shown == ({} if expected is FINE else {"steward": {"run-watch": "ConnectError"}})
