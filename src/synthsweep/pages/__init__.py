"""Shared parts of all pages that the harness writes: pictures, tables, numbers, style and files."""
