"""A trained classifier on new texts: chosen -> new_texts -> ensemble -> finished_parts -> written."""
