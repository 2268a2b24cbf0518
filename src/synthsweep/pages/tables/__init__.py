"""Tables as values, and their output as CSV and LaTeX; `pages/macros.html.j2` writes HTML."""
