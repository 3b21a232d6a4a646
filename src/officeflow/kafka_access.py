"""Where Kafka is, and how to sign in there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]


@dataclass(frozen=True, slots=True)
class KafkaAccess:
    """Where Kafka is and how to sign in there: what every client of ours is made from."""

    bootstrap: str
    security_protocol: SecurityProtocol = "PLAINTEXT"
    sasl_mechanism: str = "PLAIN"
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""

    def __str__(self) -> str:
        return self.bootstrap

    @property
    def configuration(self) -> dict[str, str | int | float | bool]:
        """The part of a confluent-kafka client's configuration that says where and as whom."""
        found: dict[str, str | int | float | bool] = {
            "bootstrap.servers": self.bootstrap,
            "security.protocol": self.security_protocol,
        }
        if self.security_protocol.startswith("SASL_"):
            found |= {
                "sasl.mechanism": self.sasl_mechanism,
                "sasl.username": self.username,
                "sasl.password": self.password,
            }
        if self.security_protocol.endswith("SSL") and self.ca_file:
            found["ssl.ca.location"] = self.ca_file
        return found

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make `Settings.kafka` this."""
        return {
            "OFFICEFLOW_KAFKA_BOOTSTRAP": self.bootstrap,
            "OFFICEFLOW_KAFKA_SECURITY_PROTOCOL": self.security_protocol,
            "OFFICEFLOW_KAFKA_SASL_MECHANISM": self.sasl_mechanism,
            "OFFICEFLOW_KAFKA_USERNAME": self.username,
            "OFFICEFLOW_KAFKA_PASSWORD": self.password,
            "OFFICEFLOW_KAFKA_CA_FILE": self.ca_file,
        }
