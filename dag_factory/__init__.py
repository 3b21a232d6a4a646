"""From a published workflow definition to an Airflow DAG, without I/O at parse time."""
