"""Losses: from a file of daily claims to an estimate and its scenario file."""

import datetime as dt
from pathlib import Path

from detente.calibrate.losses_data import read_claims
from detente.calibrate.losses_overlay import overlay
from detente.calibrate.losses_recipe import LossesEstimate, Score, estimate, score

__all__ = ["LossesEstimate", "Score", "calibrate", "estimate", "overlay", "read_claims", "score"]


def calibrate(data: Path, origin: dt.date | None = None) -> tuple[LossesEstimate, str]:
    """Estimate from a file of cumulative daily claims at ``origin`` (default: its last day); returns the estimate
    and the text of its overlay."""
    claims = read_claims(data)
    fitted = estimate(claims, origin or claims.days[-1].item())
    return fitted, overlay(fitted, data)
