"""The floor: every live call at a glance, and a word in the agent's ear."""
