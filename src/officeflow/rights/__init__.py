"""Who may do what: the one table that our API, our command, Airflow's UI and its API all ask."""
