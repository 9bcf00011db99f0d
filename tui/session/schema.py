"""The database's tables.

`facts` holds the latest of everything that has a name (a stage, a check's result, a hint, a node): one row each,
its body a JSON object of the room's own type. Every row carries the revision of the transaction that wrote it, from
one counter, so a reader asks for what changed since the revision it knows. Lines are only ever added: their id is
their revision.
"""

VERSION = 1

TABLES = """
CREATE TABLE revision (value INTEGER NOT NULL);
INSERT INTO revision VALUES (0);
CREATE TABLE facts (
    kind TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, rev INTEGER NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE INDEX facts_rev ON facts (rev);
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, arguments BLOB NOT NULL, state TEXT NOT NULL,
    message TEXT NOT NULL DEFAULT '', done REAL, total REAL, result BLOB, created INTEGER NOT NULL,
    started INTEGER, ended INTEGER, rev INTEGER NOT NULL
);
CREATE TABLE events (
    id INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, data BLOB NOT NULL
);
CREATE TABLE lines (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, time INTEGER, node TEXT NOT NULL, unit TEXT NOT NULL,
    identifier TEXT NOT NULL, priority INTEGER, pid INTEGER, boot TEXT NOT NULL, twin INTEGER NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX lines_source ON lines (source, id);
CREATE INDEX lines_error ON lines (source, id) WHERE priority <= 3;
CREATE TABLE clients (id TEXT PRIMARY KEY, pid INTEGER NOT NULL, place TEXT NOT NULL, seen INTEGER NOT NULL);
"""
