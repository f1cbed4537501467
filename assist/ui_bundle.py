"""Where the screens lie after they were built."""

from pathlib import Path

UI_DIRECTORY = Path(__file__).parent / "ui" / "dist"
