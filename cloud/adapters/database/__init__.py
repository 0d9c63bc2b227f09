"""One schema on SQLite or PostgreSQL: the tables, and how they are opened, read and written."""
