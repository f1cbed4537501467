"""The thinking: a turn of a live call in, cited suggestions and questions out. Pure; read `run.py` for the flow."""
