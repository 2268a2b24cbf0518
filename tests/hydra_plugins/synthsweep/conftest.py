"""What a multirun hands to its launcher."""

from support.plans import loader, node, reporting, set_up

__all__ = ["loader", "node", "reporting", "set_up"]
