"""A page from a template: values are shown as text, and a value that is not given is an error."""

from typing import Any

DEMO_NOTE = "The demo corpus is fictional and was labelled by a large language model: no clinical finding."


def rendered(room: str, template: str, values: dict[str, Any]) -> str:
    """`template` is in a room of the package; it may extend `base.html.j2` and import `macros.html.j2`."""
    return str(environment(room).get_template(template).render(**values))


def environment(room: str) -> Any:
    """Jinja2 with the templates of a room and those of all pages."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=ChoiceLoader([PackageLoader("synthsweep", room), PackageLoader("synthsweep", "pages")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
