"""Tables: one value for each, and the same as CSV and LaTeX; macros.html.j2 has it as HTML."""
