"""Alembic's entrance: it runs the revisions on the connection that the runner hands over."""

from alembic import context

from zeeguu_gamify.migrations.files import VERSION_TABLE
from zeeguu_gamify.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
