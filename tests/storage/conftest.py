"""Databases without a table, on SQLite and PostgreSQL."""

from support.stores import address, each_address, made_tables

__all__ = ["address", "each_address", "made_tables"]
