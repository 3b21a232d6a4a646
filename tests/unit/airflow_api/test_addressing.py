"""What our own calls of Airflow's API are sent to, whatever the names in them are."""

from __future__ import annotations

import httpx
import pytest

from officeflow.airflow_api.wire import path_to


@pytest.mark.parametrize(
    "name", ["..", ".", "../variables", "a/b", "a?x=1", "a#b", "%2e%2e", "a;b", "ü", "a b"]
)
def test_a_name_is_one_segment_of_the_path(name: str) -> None:
    sent = httpx.URL("http://airflow.test").join(path_to("dags", name, "dagRuns")).raw_path.decode()
    assert sent.startswith("/api/v2/dags/")
    assert sent.endswith("/dagRuns")
    assert sent.count("/") == 5
    assert "?" not in sent
