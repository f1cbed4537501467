"""Governed learning: supervisors' answers become drafts, drafts become articles, and articles are curated."""
