"""One installation on disk: directory, database, secret files, session log, export."""
