"""PostgreSQL: the pool, tenancy, the queue, migrations and the embedded server."""
