"""A Flask service that logs as a product would."""
