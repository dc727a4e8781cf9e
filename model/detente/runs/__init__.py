"""Run folders: writing, reading back, comparing, reproducing."""
