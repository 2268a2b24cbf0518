"""How a reply is read: reasoning cut, then JSON or tables or lists found, then each item freed of what is not its text."""
