"""Where Airflow's api-server has the page of mailed links."""

ANSWER_PATH = "/answer"
