"""The database's tables: one module each says what is written to it and asked of it."""
