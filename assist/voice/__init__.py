"""Spoken calls on the server: rooms, jobs that listen, tokens, call-backs."""
