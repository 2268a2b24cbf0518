"""Plans of studies, as a multirun makes them."""

from support.plans import loader, node, planned, reporting, set_up

__all__ = ["loader", "node", "planned", "reporting", "set_up"]
