"""A launcher as Hydra sets it up for a multirun."""

from support.plans import loader, node, reporting, set_up

__all__ = ["loader", "node", "reporting", "set_up"]
