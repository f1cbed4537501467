"""How many threads a model in this process may use."""

import os


def usual_threads() -> int:
    """Half of the processors, at most four."""
    # Threads of torch spin while they wait for each other: with one on every processor, any other busy
    # process makes a query take ten times as long, and a short query is no faster on two.
    return max(1, min(4, (os.cpu_count() or 1) // 2))
