"""Pictures: one value for each, drawn in one style with named colours."""
