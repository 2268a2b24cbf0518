"""Renders a page from a template: values are escaped, and a missing value is an error."""

from typing import Any

DEMO_NOTE = "The demo corpus is fictional and was labelled by a large language model: no clinical finding."


def rendered(room: str, template: str, values: dict[str, Any]) -> str:
    """Renders a `template` of the subpackage `room`; it may extend `base.html.j2` and import `macros.html.j2`."""
    return str(environment(room).get_template(template).render(**values))


def environment(room: str) -> Any:
    """Jinja2 with the templates of the subpackage `room` and those of all pages."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=ChoiceLoader([PackageLoader("synthsweep", room), PackageLoader("synthsweep", "pages")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
