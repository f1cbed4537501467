"""Assist: cited suggestions for support agents while the call is still going on."""

__version__ = "0.1.0"
