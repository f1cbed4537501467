"""Training of what judges turns, ranks passages and tells how sure an answer is. Imported by `assist train` only."""
