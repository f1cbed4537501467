"""Sample content: the knowledge base and calls of an invented company, Norlight."""

from pathlib import Path

KNOWLEDGE = Path(__file__).parent / "knowledge"
CALLS = Path(__file__).parent / "calls"
