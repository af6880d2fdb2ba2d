"""Reads of the services application."""
