"""A scenario's name and settings become one frozen, checked ``Config``."""
