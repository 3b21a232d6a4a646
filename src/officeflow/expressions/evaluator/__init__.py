"""Processes in which what tenants wrote is compiled and run: kept, confined, and ended when it takes too
much.

`pool.ask` is the way in. It never loads the languages themselves into the process that asks.
"""
