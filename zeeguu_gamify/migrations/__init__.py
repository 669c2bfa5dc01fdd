"""Our tables: numbered SQL files (`sql/` is tools/migrations) and Alembic, which runs them."""
