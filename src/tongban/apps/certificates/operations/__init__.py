"""Writes of the certificates application."""
