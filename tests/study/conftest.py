"""Storages of studies, on SQLite and PostgreSQL."""

from support.stores import address, each_address, each_new_address, made_tables, open_store

__all__ = ["address", "each_address", "each_new_address", "made_tables", "open_store"]
