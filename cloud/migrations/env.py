"""Runs the revisions on the connection that `cloud.adapters.database.migrating` passes in."""

from alembic import context

from cloud.adapters.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
