"""Waits for hand-written DAGs.

A wait holds no process: it is rescheduled until what it waits for is there.
"""
