"""The long-running processes: events in (`inbound`) and the steward.

They import `officeflow`, never Airflow.
"""
