"""How Airflow's workers run tasks of the queue for nodes."""
