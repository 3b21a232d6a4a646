"""OfficeFlow: joiner, mover and leaver workflows on Apache Airflow, every act once, with proof."""
