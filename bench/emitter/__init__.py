"""What the emitter costs a product, against its peers: ``python -m bench.emitter [part …]``."""
