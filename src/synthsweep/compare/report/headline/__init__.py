"""The headline of a report: one module per kind of sentence, none of which claims more than its test."""
