"""Why a session cannot be used, in sentences."""


class SessionUnusable(Exception):
    """The session directory or something in it cannot be used. The text says what, where, why and what next."""


class NotSaved(Exception):
    """An edit could not be written (full or read-only disk). It stays in memory; the text says so."""
