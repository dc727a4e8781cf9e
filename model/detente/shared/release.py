"""Name and version of the package; the build reads the version here."""

__version__ = "0.1.0"
MODEL_NAME = "détente"
