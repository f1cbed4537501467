"""HTTP lives here and nowhere else: routes of a few lines over the services."""
