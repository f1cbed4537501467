"""Measures the pipeline on judged data sets: the parts are those of a live call, the store is thrown away."""
