"""The losses estimate as a scenario file."""

import math
from pathlib import Path

from detente.calibrate.losses_recipe import NOISE_SHARE, LossesEstimate
from detente.calibrate.overlays import Change, lognormal, named, normal, tables


def overlay(fitted: LossesEstimate, data: Path) -> str:
    """A scenario file (TOML) that changes what one estimate says; the data are named with their SHA-256 at the top
    and in each source."""
    name, digest = named(data)
    used = f"{fitted.days} days of claims to {fitted.origin}, whole months {fitted.first_month:%Y-%m} to {fitted.last_month:%Y-%m}"
    head = [
        "# Written by: detente calibrate losses",
        f"# data: {name}",
        f"# sha256: {digest}",
        f"# origin: {fitted.origin}",
        f"# rows: {used}",
        f"# last 365 days: variance over mean {fitted.fano_year:.0f}, lag-1 correlation {fitted.lag_one_year:.2f}",
        "# The series is a claim by one party to the war; a claim is not a count.",
        "schema_version = 1",
        f'title = "Losses as estimated on {fitted.origin}"',
    ]
    source = (
        f"Estimated by detente calibrate losses at origin {fitted.origin} from {name} (sha256 {digest[:16]}), {used}."
    )
    return "\n".join(head + tables(_changes(fitted), source, fitted.origin)) + "\n"


def _changes(fitted: LossesEstimate) -> list[Change]:
    origin_error = math.sqrt(NOISE_SHARE) * fitted.level_noise
    return [
        Change("parameters.attrition.level_noise", fitted.level_noise, "1"),
        Change(
            "parameters.attrition.long_run_level",
            fitted.long_run_level,
            "log persons/day",
            normal(fitted.long_run_level, 0.15),
        ),
        Change("parameters.attrition.season_cos", fitted.season_cos, "1"),
        Change("parameters.attrition.season_sin", fitted.season_sin, "1"),
        Change(
            "parameters.attrition.daily_dispersion",
            fitted.daily_dispersion,
            "1",
            lognormal(fitted.daily_dispersion, 0.25),
        ),
        Change("parameters.attrition.daily_correlation", fitted.daily_correlation, "1"),
        Change(
            "facts.attrition.level_now", fitted.level_now, "log persons/day", normal(fitted.level_now, origin_error)
        ),
        Change("facts.attrition.recent_deviation", fitted.recent_deviation, "1"),
    ]
