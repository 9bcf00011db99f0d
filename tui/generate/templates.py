"""Where the templates are and how they are filled: strictly, so that a missing value is an error and never a blank."""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


def template_dir() -> Path:
    """The templates: inside the package when installed, at the top of the checkout otherwise."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_templates"
    return installed if installed.is_dir() else package.parent / "templates"


def file_name(text: str) -> str:
    """A plain file name for a name that a person typed or a plan brought along: it leads nowhere else."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).lstrip(".")[:100] or "unnamed"


def fill(name: str, /, **values: object) -> str:
    """The template of that name with these values."""
    return _environment().get_template(name).render(values)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(  # plain text is made here, never HTML
        loader=FileSystemLoader(template_dir()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701
    )
