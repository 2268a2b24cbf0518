"""The report kit: the pictures, tables, numbers, style and files of every page that the harness writes."""
