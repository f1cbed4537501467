"""Training of the turn classifier. Imported by `assist train` only."""
