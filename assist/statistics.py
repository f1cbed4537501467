"""Statistics of help requests: volume, times, limits kept, load, and what was learned."""
