"""Python's garbage collector in processes that serve for long."""

from __future__ import annotations

import gc


def spare_what_is_there() -> None:
    """From now on the collector leaves alone what has been made until now: modules, routes and schemas, which
    stay for good.

    Airflow and its providers are about a million objects. Whoever makes many small objects, as each page of a
    list does, would have all of them looked through again and again, in the middle of a request.
    """
    gc.collect()
    gc.freeze()
