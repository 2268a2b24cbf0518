"""The guide's page of keys."""

from synthsweep.display.keys_page import PAGE, keys_page


def test_the_guides_page_is_that_of_the_schema() -> None:
    """`python -m synthsweep.display.keys_page` writes it anew."""

    assert PAGE.read_text(encoding="utf-8") == keys_page()
