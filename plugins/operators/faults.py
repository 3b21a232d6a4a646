"""Faults in native code, inside an Airflow task."""

from __future__ import annotations

import signal
import threading


def end_the_process() -> None:
    """Let a segmentation fault end the task's process, for Airflow to see.

    Airflow's DAG parser leaves a handler in Python for it, which Python runs once the faulty code has
    returned: it never does, and the task beats for ever.
    """
    if threading.current_thread() is threading.main_thread() and callable(signal.getsignal(signal.SIGSEGV)):
        signal.signal(signal.SIGSEGV, signal.SIG_DFL)
