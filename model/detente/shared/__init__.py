"""Messages, formatting, paths and errors that every package uses; knows nothing of the model."""
