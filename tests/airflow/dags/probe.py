"""DAGs for the tests of Airflow's side of the stack."""

from __future__ import annotations

import datetime as dt
import logging
import time
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, Param, task

log = logging.getLogger(__name__)

PARAMS = {
    "seconds": Param(0, type="number"),
    "file": Param("", type="string"),
    "until": Param("", type="string"),
}

with DAG("probe", schedule=None, doc_md="sha256:probe", params=PARAMS) as probe:

    @task(retries=3, retry_delay=dt.timedelta(seconds=1))
    def wait(**context: Any) -> None:
        """Says that it began, waits for some seconds or until there is a file, and says that it ended, in the
        given file and in its log.
        """
        params = context["params"]
        log.info("the probe waits %s", params["seconds"])
        for word in ("began", "ended"):
            if params["file"]:
                with Path(params["file"]).open("a") as file:
                    file.write(f"{word}\n")
            time.sleep(params["seconds"] if word == "began" else 0)
            while params["until"] and not Path(params["until"]).exists():
                time.sleep(0.1)

    wait()
