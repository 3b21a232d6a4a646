"""Airflow operators, a file per family, one class per node type: `from operators.identity import
SuspendAccountOperator`.
"""
