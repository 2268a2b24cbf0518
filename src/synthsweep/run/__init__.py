"""One run: prepare -> train -> evaluate -> record."""
