"""Alembic migrations, oldest first; 0001 to 0003 make the first schema."""
