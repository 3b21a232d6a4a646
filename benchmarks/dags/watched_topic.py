"""What `bench events` measures against: Airflow's own way from a Kafka message to a DAG run."""

from __future__ import annotations

from airflow.providers.common.messaging.triggers.msg_queue import MessageQueueTrigger
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Asset, AssetWatcher

trigger = MessageQueueTrigger(
    scheme="kafka",
    kafka_config_id="bench_kafka",
    topics=["bench.watched"],
    apply_function="benchmarks.watched_message.text",
)
asset = Asset("bench_watched", watchers=[AssetWatcher(name="bench_watched", trigger=trigger)])

with DAG(
    "bench_watched", schedule=[asset], catchup=False, max_active_runs=1000, is_paused_upon_creation=False
):
    EmptyOperator(task_id="nothing")
