"""YAML written so that every reader takes it for the same: go-yaml's extra booleans (y, n) are
quoted too, and so are MAC addresses that YAML 1.1 reads as one number in base 60."""

from functools import cache
from typing import Any

from tui.plan.strict_yaml import SEXAGESIMAL, resolved


def write(value: object, *, width: int = 120) -> str:
    """A document as block-style YAML, keys in their order; texts of several lines as literal blocks."""
    import yaml

    text: str = yaml.dump(
        value, Dumper=_dumper(), sort_keys=False, allow_unicode=True, default_flow_style=False, width=width
    )
    return text


@cache
def _dumper() -> Any:
    import yaml

    class Dumper(yaml.CSafeDumper):
        """The safe dumper with quotes wherever go-yaml 2 would see something else than text."""

    def represent(dumper: Any, text: str) -> Any:
        if "\n" in text:
            style: str | None = "|"
        else:
            style = "'" if text and (resolved(text) != text or SEXAGESIMAL.fullmatch(text)) else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    Dumper.add_representer(str, represent)
    return Dumper
