"""What language models are told, as text files."""

from functools import cache
from importlib.resources import files


@cache
def prompt(name: str) -> str:
    """The prompt `NAME.md` of this folder."""
    return files(__name__).joinpath(f"{name}.md").read_text(encoding="utf-8").strip()
