"""Fields of journal entries: text, a list of bytes where it is not plain text, or a list of those where repeated."""

from typing import Any

from tui.lines import received

_SHORT = 1000


def value_of(field: Any) -> str | bytes | None:
    """A field's value: text, or bytes where journald gave a list of numbers; the first of several; None if absent."""
    if isinstance(field, list):
        try:
            return bytes(field)
        except (TypeError, ValueError):
            return value_of(field[0])
    return field if field is None or isinstance(field, str | bytes) else str(field)


def word_of(field: Any) -> str:
    """A short field, where only its first value matters. Nearly all are plain words, and every line has five."""
    if type(field) is str and len(field) < _SHORT and field.isprintable():
        return field
    value = value_of(field)
    return received(value) if value else ""
