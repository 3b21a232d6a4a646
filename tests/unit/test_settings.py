"""Settings of a wrong form are refused before they are used, in words that say what to write, and without a
secret.
"""

from __future__ import annotations

import pytest

from listeners.inbound.options import load_options
from officeflow.errors import InvalidInput
from officeflow.settings import Settings, load_settings


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        (
            "HTTP_ALLOWED_HOSTS",
            "http://x/ y",
            "'http://x/' is no host (write api.example.com, *.example.com or",
        ),
        ("HTTP_ALLOWED_HOSTS", "*.com", "'*.com' is no host"),
        ("CONNECTION_NETWORKS", "10.0.0.0/33", "'10.0.0.0/33' is neither a network nor a host"),
        ("LOG_LEVEL", "LOUD", "is none of 'DEBUG', 'INFO', 'WARNING' or 'ERROR': 'LOUD'"),
        ("KAFKA_SASL_MECHANISM", "SCRAM", "is none of 'PLAIN', 'SCRAM-SHA-256' or 'SCRAM-SHA-512': 'SCRAM'"),
        ("KAFKA_BOOTSTRAP", "kafka", "'kafka' is not host:port"),
        ("KAFKA_BOOTSTRAP", "kafka:9092,other:99999", "'other:99999' is not host:port"),
        ("NODE_PACKAGES", "acme_nodes, acme-nodes", "'acme-nodes' cannot be a package's name"),
        ("NODE_PACKAGES", "class", "'class' cannot be a package's name"),
        ("EVENT_SOURCE", "", "cannot be the source of a CloudEvent"),
        ("AIRFLOW_URL", "airflow:8080", "is no address that begins with http:// or https://"),
        ("DATABASE_URL", "mysql://me:s3cret@db/o", "is no address that begins with postgresql://"),
        (
            "DATABASE_TENANT_URL",
            "postgresql://me:s3cret@db:port/o",
            "is no address that begins with postgresql://",
        ),
        ("REDIS_URL", "me:s3cret@valkey:6379", "is no address that begins with redis:// or rediss://"),
        ("TASK_LOG_DAYS", "x", "is no whole number: 'x'"),
        ("TASK_LOG_DAYS", "0", "is less than 1: '0'"),
        ("EVALUATORS", "2.5", "is no whole number: '2.5'"),
        ("EVALUATORS", "100", "is more than 64: '100'"),
        ("EXPRESSION_SECONDS", "soon", "is no number: 'soon'"),
        ("EXPRESSION_SECONDS", "0", "is not greater than 0: '0'"),
        ("OUTBOX_DAYS", "inf", "is no finite number: 'inf'"),
        (
            "LOG_JSON",
            "perhaps",
            "is neither true nor false (on and off, yes and no, 1 and 0 are taken too): 'perhaps'",
        ),
    ],
)
def test_a_wrong_form_is_refused_with_what_is_wrong_and_no_secret(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(f"OFFICEFLOW_{name}", value)
    with pytest.raises(InvalidInput) as refused:
        load_settings()
    (problem,) = refused.value.problems
    assert problem.path == f"OFFICEFLOW_{name}"
    assert says in str(problem)
    assert "s3cret" not in str(refused.value)
    assert refused.value.__cause__ is None, "pydantic's own words hold the value"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("TOPICS", "employee", "'employee' is no regular expression that begins with ^"),
        ("TOPICS", "^(", "'^(' is no regular expression"),
        ("GROUP", "", "is empty"),
        ("DISPATCHERS", "0", "is less than 1: '0'"),
    ],
)
def test_the_listeners_options_are_checked_and_told_the_same_way(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(f"OFFICEFLOW_LISTENER_{name}", value)
    with pytest.raises(InvalidInput) as refused:
        load_options()
    (problem,) = refused.value.problems
    assert problem.path == f"OFFICEFLOW_LISTENER_{name}"
    assert says in str(problem)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP_ALLOWED_HOSTS", "api.example.com, *.example.com:8443 [2001:db8::1]"),
        ("CONNECTION_NETWORKS", "10.1.0.0/16, fd12::/48 ad.corp.example, *.example.com:636"),
        ("KAFKA_BOOTSTRAP", "SASL_SSL://one.example:9092, [::1]:9093,"),
        ("KAFKA_BOOTSTRAP", ""),
        ("NODE_PACKAGES", "acme.nodes, other_nodes"),
        ("DATABASE_URL", "postgres:///officeflow?host=/run/postgresql"),
        ("DATABASE_URL", "postgresql+psycopg://me:p%40ss@[::1]:5432/o?sslmode=require"),
        ("REDIS_URL", "rediss://:p@valkey.example/0"),
        ("LOG_LEVEL", "DEBUG"),
    ],
)
def test_what_can_be_used_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"OFFICEFLOW_{name}", value)
    taken = getattr(load_settings(), name.lower())
    assert (taken.get_secret_value() if hasattr(taken, "get_secret_value") else taken) == value


def test_the_defaults_are_of_their_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, field in Settings.model_fields.items():
        default = (
            field.default.get_secret_value() if hasattr(field.default, "get_secret_value") else field.default
        )
        monkeypatch.setenv(f"OFFICEFLOW_{name.upper()}", str(default))
    load_settings()
