"""PostgreSQL: engine, sessions under row-level security, tables, migrations."""
