"""LiveKit: calls heard and answered in rooms. Nothing outside this folder imports its packages."""
