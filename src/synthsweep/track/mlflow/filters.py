"""Clauses of MLflow's search language for any text; pure."""

# MLflow reads a value up to its closing quote and knows no escape; before a quote, sqlparse takes a backslash for one.
UNQUOTABLE = ("'", '"', "\\")


def equals(key: str, value: str) -> str:
    """A clause that holds for every run whose `key` is this text.

    MLflow can quote no text with both kinds of quotes or with a backslash. There the clause is a pattern that holds for a few
    other texts, too, so whoever asks compares the texts of what it gets.
    """
    if "'" not in value and "\\" not in value:
        return f"{key} = '{value}'"
    pattern = "".join("_" if letter in UNQUOTABLE else letter for letter in value)
    return f"{key} LIKE '{pattern}'"
