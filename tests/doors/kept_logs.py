"""Where Airflow sends the logs of tasks in these tests: to a folder, in which each is as it was when it was
sent. Nothing is read from there.

    [logging] logging_config_class = kept_logs.LOGGING_CONFIG

The variable DOORS_KEPT_LOGS names the folder.
Airflow imports this module by its name, from the folder that is on PYTHONPATH.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from airflow.config_templates.airflow_local_settings import DEFAULT_LOGGING_CONFIG as LOGGING_CONFIG
from airflow.configuration import conf

__all__ = ["LOGGING_CONFIG", "REMOTE_TASK_LOG"]


class _Keeps:
    processors = ()

    def upload(self, path: os.PathLike[str] | str, ti: object = None) -> None:
        del ti
        written = Path(conf.get("logging", "base_log_folder"), path)
        if not written.is_file():  # /dev/full, of which reading never comes to an end
            return
        kept = Path(os.environ["DOORS_KEPT_LOGS"], path)
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(written, kept)

    def read(self, relative_path: str, ti: object) -> tuple[list[str], list[str]]:
        del relative_path, ti
        return [], []


REMOTE_TASK_LOG = _Keeps()
