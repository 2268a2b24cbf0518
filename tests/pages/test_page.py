"""A template is filled with text, and can use what all pages share."""

import jinja2
import pytest

from synthsweep.pages.page import environment, rendered
from synthsweep.pages.tables.table import Table

EVIL = "<b onclick=x>"


def test_a_value_that_is_not_given_is_an_error() -> None:
    """A page with a hole in it would look whole."""
    with pytest.raises(jinja2.UndefinedError, match=r"has no attribute .pool."):
        rendered("inspect/report", "page.html.j2", {"inspection": None})


def test_a_table_has_heads_rows_groups_and_notes_and_they_are_text() -> None:
    """A row of one cell heads the rows below it."""
    macros = environment("pages").get_template("macros.html.j2").module
    table = Table("t", "caption", (EVIL, "n"), "lr", (("group",), (EVIL, "7")), (EVIL,))
    page = str(macros.html_table(table))

    assert ("<b" in page, page.count("&lt;b onclick=x&gt;")) == (False, 3)
    assert '<th colspan="2" scope="colgroup">group</th>' in page
    assert '<td class="r">7</td>' in page
