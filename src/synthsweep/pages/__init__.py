"""What the pages that the harness writes have in common: tables, pictures, style, and files that appear whole."""
