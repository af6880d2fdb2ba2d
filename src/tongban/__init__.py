"""Tongban (通办): one program for the digital work of a county government."""

__version__ = "0.1.0"
