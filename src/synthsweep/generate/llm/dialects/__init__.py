"""How servers that speak OpenAI's protocol differ: what they refuse, how they say it, and how they answer."""
