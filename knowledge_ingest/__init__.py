"""The only door into the index: files become documents, documents become passages."""
