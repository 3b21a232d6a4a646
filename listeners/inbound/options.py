"""What the listeners take from the environment beside the platform's settings."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from officeflow import setting_forms
from officeflow.errors import InvalidInput
from officeflow.events.run_orders import GROUP as RUN_CONTROL_GROUP
from officeflow.events.run_orders import PATTERN as RUN_CONTROL_PATTERN
from officeflow.events.topics import LIFECYCLE_GROUP, LIFECYCLE_PATTERN


class Options(BaseSettings):
    """Read from variables that start with `OFFICEFLOW_LISTENER_`."""

    model_config = SettingsConfigDict(
        env_prefix="OFFICEFLOW_LISTENER_", frozen=True, extra="ignore", allow_inf_nan=False
    )

    group: str = Field(
        LIFECYCLE_GROUP,
        min_length=1,
        description="Kafka consumer group; listeners of one group share the topics.",
    )
    topics: Annotated[str, setting_forms.TOPICS] = Field(
        LIFECYCLE_PATTERN, description="Regular expression of the topics to read; starts with ^."
    )
    control_group: str = Field(
        RUN_CONTROL_GROUP,
        min_length=1,
        description="Kafka consumer group of those who read what other systems ask of runs.",
    )
    control_topics: Annotated[str, setting_forms.TOPICS] = Field(
        RUN_CONTROL_PATTERN, description="Regular expression of the topics that they read; starts with ^."
    )
    batch_messages: int = Field(200, ge=1, description="Messages stored in one transaction, at most.")
    flood_limit: int = Field(
        100, ge=1, description="Bad messages in a row in one partition after which it is held."
    )
    flood_share: float = Field(
        0.8,
        gt=0,
        le=1,
        description="Share of bad ones among the last 5 times as many, after which it is held too.",
    )
    flood_wait: float = Field(
        300.0, gt=0, description="Seconds that a partition is held before it is tried again."
    )
    dispatchers: int = Field(8, ge=1, le=32, description="Events dispatched at the same time.")
    missing_dag_patience: float = Field(
        900.0, ge=0, description="Seconds to wait for the DAG of a published workflow to appear."
    )


def load_options(**overrides: object) -> Options:
    """`InvalidInput` names every variable that is wrong."""
    try:
        return Options(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = setting_forms.problems(error, "OFFICEFLOW_LISTENER_")
        raise InvalidInput(
            "the listener's settings in the environment are not valid", problems=problems
        ) from error
