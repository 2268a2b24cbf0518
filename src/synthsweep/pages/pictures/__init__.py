"""Pictures as values, drawn in one style with named colours."""
