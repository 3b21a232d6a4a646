"""`officeflow doctor`, as far as it needs no server."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from officeflow import program
from officeflow.catalog import registry
from officeflow.cli.main import run
from officeflow.doctor import airflow, configuration, versions
from officeflow.doctor.examination import CHECKS, examine, subject_of
from officeflow.doctor.finding import Check, Finding, Subject, ok, problem
from officeflow.errors import Unavailable
from officeflow.layout import ROOT
from tests.unit.doctor.conftest import FINE, WARNED, WRONG, outcomes


class TestExamining:
    def check(
        self, name: str, *findings: Finding, needs: tuple[str, ...] = (), raises: Exception | None = None
    ) -> Check:
        def look(_: Subject) -> Iterator[Finding]:
            yield from findings
            if raises:
                raise raises

        return Check(area="a", name=name, examine=look, needs=needs)

    def test_a_check_that_fails_is_a_problem_of_its_own_and_spoils_no_other(self, subject: Subject) -> None:
        checks = [
            self.check("away", raises=Unavailable("Kafka is away", hint="start it")),
            self.check("broken", raises=ValueError("first line\nsecond")),
            self.check("fine", ok("all is well")),
        ]
        away, broken, fine = examine(subject, checks)
        assert (away.outcome, away.findings[0].says, away.findings[0].do) == (
            WRONG,
            "Kafka is away",
            "start it",
        )
        assert broken.findings[0].says == "ValueError: first line"
        assert fine.outcome is FINE

    def test_a_check_that_hangs_is_given_up(self, subject: Subject) -> None:
        release = threading.Event()

        def hang(_: Subject) -> Iterator[Finding]:
            release.wait(60)
            yield ok("too late")

        found = examine(
            subject, [Check(area="a", name="hangs", examine=hang), self.check("fine", ok("yes"))], seconds=0.3
        )
        release.set()
        assert [each.outcome for each in found] == [WRONG, FINE]
        assert found[0].findings[0].says.endswith(": no answer in time")

    def test_what_needs_something_that_is_wrong_is_not_made_and_says_so(self, subject: Subject) -> None:
        checks = [
            self.check("third", ok("never"), needs=("a.second",)),
            self.check("second", problem("no", "do"), needs=("a.first",)),
            self.check("first", ok("yes")),
        ]
        third, second, first = examine(subject, checks)
        assert (first.outcome, second.outcome) == (FINE, WRONG)
        assert third.findings == (Finding(WARNED, "third: not examined, because of a.second"),)

    def test_every_check_needs_only_checks_that_there_are(self) -> None:
        names = {check.id for check in CHECKS}
        assert len(names) == len(CHECKS)
        assert {need for check in CHECKS for need in check.needs} <= names


class TestVersions:
    def test_pins_are_read_for_this_python_and_compared(self, tmp_path: Path) -> None:
        file = tmp_path / "requirements.txt"
        file.write_text(
            "# a comment\nAlpha_One==1.2 \\\n    --hash=sha256:00\n    # via beta\nold==1 ;"
            ' python_full_version < "3.8" \\\n    --hash=sha256:00\nbeta[extra]==2.0 ; sys_platform !='
            ' "nowhere"\n'
        )
        assert versions.pins(file) == {"alpha-one": "1.2", "beta": "2.0"}
        assert versions.differences(
            {"alpha": "1.2", "beta": "2.0", "gamma": "3"}, {"alpha": "1.2", "beta": "1.9"}
        ) == [
            "beta 1.9 instead of 2.0",
            "gamma is missing",
        ]

    def test_this_environment_has_what_is_pinned(self, subject: Subject) -> None:
        assert outcomes(versions.python(subject)) == [FINE]
        (found,) = versions.packages(subject)
        assert "apache-airflow 3.3.2" in found.says

    def test_a_started_stack_without_servers_environment_is_a_warning(self, subject: Subject) -> None:
        assert outcomes(versions.servers(subject)) == []
        started = Subject(
            layout=subject.layout, environ={}, settings=subject.settings, state={"services": []}
        )
        assert outcomes(versions.servers(started)) == [WARNED]


class TestSettings:
    def test_every_wrong_variable_is_named(self, subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
        assert outcomes(configuration.readable(subject)) == [FINE]
        monkeypatch.setenv("OFFICEFLOW_LOG_JSON", "perhaps")
        (found,) = configuration.readable(subject)
        assert found.outcome is WRONG
        assert "OFFICEFLOW_LOG_JSON" in found.says
        assert subject_of(subject.layout).settings is None

    def test_a_misspelt_variable_is_told_with_the_right_one(self, subject: Subject) -> None:
        environ = {"OFFICEFLOW_REDIS_ULR": "x", "OFFICEFLOW_LISTENER_GROUP": "mine", "PATH": "/bin"}
        (found,) = configuration.names(
            Subject(layout=subject.layout, environ=environ, settings=subject.settings, state={})
        )
        assert found.outcome is WARNED
        assert "OFFICEFLOW_REDIS_ULR" in found.says
        assert "OFFICEFLOW_REDIS_URL" in found.do

    def test_every_variable_that_our_code_reads_is_known(self, subject: Subject) -> None:
        """Add a new one to the settings, or to those of commands in `officeflow/variables.py`."""
        files = [
            ROOT / "officeflow",
            *(
                p
                for folder in ("src", "listeners", "plugins", "dag_factory", "config")
                for p in (ROOT / folder).rglob("*.py")
            ),
        ]
        named = {
            name for file in files for name in re.findall(r"\bOFFICEFLOW_[A-Z_]*[A-Z]\b", file.read_text())
        }
        environ = dict.fromkeys(named, "x")
        unknown = configuration.names(
            Subject(layout=subject.layout, environ=environ, settings=subject.settings, state={})
        )
        assert [finding.says for finding in unknown] == []

    def test_a_setting_that_the_running_processes_do_not_have_is_told(self, subject: Subject) -> None:
        state = {
            "passed": {"OFFICEFLOW_LOG_LEVEL": "INFO"},
            "environment": {"OFFICEFLOW_AUDIT_KEY": "own"},
            "given": [],
        }
        (subject.layout.home / "stack.json").write_text(json.dumps(state))
        environ = {
            "OFFICEFLOW_LOG_LEVEL": "DEBUG",
            "OFFICEFLOW_OUTBOX_DAYS": "3",
            "OFFICEFLOW_AUDIT_KEY": "mine",
        }
        found = list(
            configuration.arrived(
                Subject(layout=subject.layout, environ=environ, settings=subject.settings, state=state)
            )
        )
        assert [finding.outcome for finding in found] == [WARNED] * 3
        assert [finding.says.partition(",")[0] for finding in found[:2]] == [
            "OFFICEFLOW_LOG_LEVEL is set here",
            "OFFICEFLOW_OUTBOX_DAYS is set here",
        ]
        assert "officeflow up" in found[0].do
        assert "OFFICEFLOW_AUDIT_KEY is set and not used" in found[2].says
        same = {**state["passed"], "OFFICEFLOW_AUDIT_KEY": "own"}  # type: ignore[dict-item]
        assert not list(
            configuration.arrived(
                Subject(layout=subject.layout, environ=same, settings=subject.settings, state=state)
            )
        )

    def test_what_the_launcher_has_filled_in_is_not_taken_for_set_here(self, subject: Subject) -> None:
        state = {"passed": {}, "environment": {"OFFICEFLOW_AUDIT_ANCHORS": "/home/anchors"}, "given": []}
        (subject.layout.home / "stack.json").write_text(json.dumps(state))
        environ = {**state["environment"], program.FILLED_IN: "OFFICEFLOW_AUDIT_ANCHORS"}  # type: ignore[dict-item]
        called = Subject(layout=subject.layout, environ=environ, settings=subject.settings, state=state)
        assert not list(configuration.arrived(called))
        (found,) = configuration.readable(called)
        assert "no variable that starts with OFFICEFLOW_ is set here" in found.says
        (told,) = configuration.arrived(replace(called, environ=state["environment"]))  # type: ignore[arg-type]
        assert "OFFICEFLOW_AUDIT_ANCHORS is set here" in told.says

    @pytest.fixture
    def fresh_registry(self) -> Iterator[None]:
        """The registry looks at the packages once per process."""
        for once in (registry._modules, registry.type_names):
            once.cache_clear()
        yield
        for once in (registry._modules, registry.type_names):
            once.cache_clear()

    def test_node_types_are_counted(self, subject: Subject) -> None:
        assert outcomes(configuration.node_packages(subject)) == [FINE]

    @pytest.mark.parametrize(
        ("name", "value", "says"),
        [
            ("OFFICEFLOW_ENCRYPTION_KEYS", "", "is empty"),
            ("OFFICEFLOW_ENCRYPTION_KEYS", Fernet.generate_key().decode() + ",abc", "key 2 of 2"),
            ("OFFICEFLOW_AUDIT_KEY", "short", "less than 32 characters"),
            ("OFFICEFLOW_AUDIT_TAG_KEY", "short", "no act can be recorded"),
            ("OFFICEFLOW_AUDIT_TAG_KEY", "k" * 32, "are one key"),
            ("OFFICEFLOW_AIRFLOW_PASSWORD", "", "no run can be created"),
        ],
    )
    def test_a_secret_that_does_not_do_is_a_problem(
        self, subject: Subject, monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
    ) -> None:
        assert WRONG not in outcomes(configuration.secrets(subject))
        monkeypatch.setenv(name, value)
        wrong = [
            finding
            for finding in configuration.secrets(subject_of(subject.layout))
            if finding.outcome is WRONG
        ]
        assert len(wrong) == 1
        assert says in wrong[0].says
        assert not value or value not in wrong[0].says

    def test_a_package_of_node_types_that_is_not_there_is_a_problem(
        self, subject: Subject, monkeypatch: pytest.MonkeyPatch, fresh_registry: None
    ) -> None:
        monkeypatch.setenv("OFFICEFLOW_NODE_PACKAGES", "no_such_package_of_nodes")
        assert outcomes(configuration.node_packages(subject_of(subject.layout))) == [WRONG]


class TestAirflow:
    def subject(self, subject: Subject, **variables: str) -> Subject:
        run = subject.layout.run
        run.mkdir(exist_ok=True)
        (run / "airflow-scheduler.json").write_text(json.dumps({"environment": {"X": "1", **variables}}))
        return subject_of(subject.layout)

    def test_a_node_queue_without_coordinator_is_a_problem(
        self, subject: Subject, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert outcomes(airflow.coordinator(subject)) == [WARNED]
        monkeypatch.setenv("OFFICEFLOW_NODE_QUEUE", "nodes")
        assert outcomes(airflow.coordinator(subject_of(subject.layout))) == [WARNED]
        assert outcomes(airflow.coordinator(self.subject(subject))) == [WRONG]
        variables = {
            "AIRFLOW__SDK__QUEUE_TO_COORDINATOR": '{"nodes": "warm"}',
            "AIRFLOW__SDK__COORDINATORS": '{"warm": {"classpath": "a.B"}}',
        }
        (found,) = airflow.coordinator(self.subject(subject, **variables))
        assert (found.outcome, found.says) == (FINE, "the queue 'nodes' is run by a.B")

    def test_a_worker_that_does_not_take_the_node_queue_is_a_problem(
        self, subject: Subject, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OFFICEFLOW_NODE_QUEUE", "nodes")
        made = self.subject(
            subject,
            AIRFLOW__SDK__QUEUE_TO_COORDINATOR='{"nodes": "warm"}',
            AIRFLOW__SDK__COORDINATORS='{"warm": {"classpath": "a.B"}}',
        )
        worker = subject.layout.run / "airflow-worker.json"
        for queues, expected in (("default,nodes", [FINE]), ("default", [FINE, WRONG])):
            worker.write_text(
                json.dumps(
                    {"command": ["airflow", "celery", "worker", "--queues", queues, "--skip-serve-logs"]}
                )
            )
            assert outcomes(airflow.coordinator(made)) == expected


def test_with_everything_down_each_thing_is_said_and_the_exit_status_is_1(
    subject: Subject, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    away = {
        "HOME": str(subject.layout.home),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "AIRFLOW_URL": "http://127.0.0.1:1",
    }
    for name, value in away.items():
        monkeypatch.setenv(f"OFFICEFLOW_{name}", value)
    monkeypatch.setattr("officeflow.doctor.brokers.SECONDS", 0.3)
    with pytest.raises(SystemExit) as ended:
        run(["doctor", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert ended.value.code == 1
    assert not told["healthy"]
    found = {finding["check"]: finding["outcome"] for finding in told["findings"]}
    assert set(found) >= {
        check.id
        for check in CHECKS
        if check.area in {"database", "brokers", "airflow", "clocks", "connections"}
    }
    down = {"database.reachable", "brokers.redis", "brokers.kafka", "airflow.answers"}
    assert {name for name, outcome in found.items() if outcome == "problem"} == down
    assert all(finding["do"] for finding in told["findings"] if finding["outcome"] == "problem")


def test_people_get_marks_remedies_and_a_count(
    subject: Subject, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from officeflow.cli import doctor as command

    found = examine(
        subject,
        [
            Check(area="one", name="fine", examine=lambda _: iter([ok("all is well")])),
            Check(
                area="two", name="wrong", examine=lambda _: iter([problem("the disk is full", "make room")])
            ),
        ],
    )
    monkeypatch.setattr(command, "examine", lambda _: found)
    for arguments, lines in (
        (
            [],
            [
                "one",
                "  ✓ all is well",
                "two",
                "  ✗ the disk is full",
                "      → make room",
                "1 problem, 0 warnings, 1 in order",
            ],
        ),
        (
            ["--quiet"],
            ["two", "  ✗ the disk is full", "      → make room", "1 problem, 0 warnings, 1 in order"],
        ),
    ):
        with pytest.raises(SystemExit) as ended:
            run(["doctor", *arguments])
        assert ended.value.code == 1
        assert capsys.readouterr().out.splitlines() == lines
