"""Calibration: published data files become parameter overlays."""
