"""A page from a template: what it shows is text, and what it does not know is an error."""

from typing import Any

DEMO_NOTE = "The demo corpus is fictional and was labelled by a large language model: no clinical finding."


def rendered(room: str, template: str, values: dict[str, Any]) -> str:
    """`template` stands in a room of the package; beside it, it knows `common.html.j2`."""
    return str(templates(room).get_template(template).render(**values))


def templates(room: str) -> Any:
    """Jinja2's environment of a room."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=ChoiceLoader([PackageLoader("synthsweep", room), PackageLoader("synthsweep", "pages")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
