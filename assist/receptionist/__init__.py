"""The receptionist: what it says and does, however it is heard."""
