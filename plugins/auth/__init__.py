"""Who may do what in Airflow: its auth manager, and what stands before those of its routes that ask none."""
