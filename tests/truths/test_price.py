"""Price closed forms (validation S2, S3, E3) through the Brent kernel that every run uses, stochastic volatility
switched off."""

import numpy as np
import pytest


def month_sd(rate_per_year: float, sd_per_root_year: float) -> float:
    """Standard deviation of a mean-reverting factor's innovation over one month."""
    k = rate_per_year / 12.0
    return sd_per_root_year / np.sqrt(12.0) * np.sqrt(-np.expm1(-2.0 * k) / (2.0 * k))


def two_factors(kappa, s_chi, s_xi, rho, mu, chi0, xi0):
    """Settings of the kernel for a two-factor process in years: total variance of a month and the transient share of
    it."""
    first, second = month_sd(kappa, s_chi) ** 2, s_xi**2 / 12.0
    return {
        "oil.volatility_now": np.log(first + second),
        "oil.volatility_level": np.log(first + second),
        "oil.transient_share": first / (first + second),
        "oil.transient_reversion": kappa / 12.0,
        "oil.factor_correlation": rho,
        "oil.drift": mu / 12.0,
        "oil.transient_log": chi0,
        "oil.brent": float(np.exp(chi0 + xi0)),
    }


def test_s2_schwartz_one_factor(sample, price_alone, within):
    # d ln S = kappa (alpha - ln S) dt + sigma dW: the random walk stands still at alpha, the transient factor starts at
    # ln 60 - alpha
    settings = price_alone | two_factors(0.301, 0.334, 0.0, 0.0, 0.0, np.log(60.0) - 3.093, 3.093)
    log_price = sample(settings, ["oil.log_price"], 60)["oil.log_price"]
    for years, mean, variance in (
        (0.25, 56.52621831, 0.02589178995),
        (1, 48.22990396, 0.08381244721),
        (5, 30.06624758, 0.1761747799),
    ):
        x = log_price[:, round(12 * years) - 1]
        within(np.exp(x), mean)
        within((x - x.mean()) ** 2, variance)


S3 = dict(kappa=1.49, s_chi=0.286, s_xi=0.145, rho=0.3, mu=-0.0125, chi0=0.119, xi0=2.857)
S3_TRUTH = {
    1: (2.961063015, 0.00973790986, 19.41278696),
    6: (2.907243382, 0.04054630556, 18.68117878),
    12: (2.871319346, 0.06001490085, 18.19827476),
    24: (2.838044347, 0.08527863052, 17.82645629),
}


def test_s3_schwartz_smith_two_factors(sample, price_alone, within):
    log_price = sample(price_alone | two_factors(**S3), ["oil.log_price"], 24)["oil.log_price"]
    for months, (mean, variance, price) in S3_TRUTH.items():
        x = log_price[:, months - 1]
        within(x, mean)
        within((x - x.mean()) ** 2, variance)
        within(np.exp(x), price)


def test_s3_futures_price_under_the_pricing_measure(sample, price_alone, within):
    # F(0, t) = E* S: the transient factor reverts to -lambda / kappa and the drift is mu* = 0.0115; a shift of the
    # start carries the former
    chi0, shift = S3["chi0"], 0.157 / S3["kappa"]
    settings = two_factors(**(S3 | {"mu": 0.0115, "chi0": chi0 + shift, "xi0": S3["xi0"] - shift}))
    log_price = sample(price_alone | settings, ["oil.log_price"], 24)["oil.log_price"]
    for months, futures in ((12, 17.17929688), (24, 16.92287965)):
        within(np.exp(log_price[:, months - 1]), futures)


def test_weekly_and_monthly_steps_have_the_same_law(sample, price_alone, within):
    weekly = sample(price_alone | two_factors(**S3), ["oil.log_price"], 12, step="week")
    x = weekly["oil.log_price"]
    # the exact moments at the end of a week, from the closed form itself
    k = 52
    years = k * weekly.dt / 12.0
    kept = np.exp(-S3["kappa"] * years)
    within(x[:, k - 1], kept * S3["chi0"] + S3["xi0"] + S3["mu"] * years)
    variance = (1 - kept**2) * S3["s_chi"] ** 2 / (2 * S3["kappa"]) + S3["s_xi"] ** 2 * years
    variance += 2 * (1 - kept) * S3["rho"] * S3["s_chi"] * S3["s_xi"] / S3["kappa"]
    within((x[:, k - 1] - x[:, k - 1].mean()) ** 2, variance)


@pytest.mark.parametrize(
    ("es", "ed", "loss", "percent"),
    [
        (0.15, 0.35, 0.01, 2.030405061),
        (0.15, 0.35, 0.03, 6.281220108),
        (0.11, 0.13, 0.01, 4.276558432),
        (0.11, 0.13, 0.03, 13.53186546),
    ],
)
def test_e3_supply_cut(sample, price_alone, es, ed, loss, percent):
    """A loss of world supply in the first month moves Brent by (1 - q)^(-1/(es + ed)) - 1, through exports that
    nobody buys and nobody can store."""
    world_supply = 100.0
    settings = price_alone | {
        "oil.crude_exports": 5.0,
        "oil.world_supply": world_supply,
        "oil.supply_elasticity": es,
        "oil.demand_elasticity": ed,
        "oil.elasticity_scale": 1.0,
        "oil.opec_offset": 0.0,
        **{f"oil.{buyer}_largest_share": 0.0 for buyer in ("china", "india", "turkiye", "other")},
        "oil.refinery_damage": 0.0,
        "oil.buyer_noise": 0.0,
        "oil.storage_capacity": 0.0,
        "oil.shadow_fleet_capacity": 50.0,
        # all buyers want less by just the loss: crude shares that sum to 1 - loss x world supply / exports
        "oil.crude_share_china": 1.0 - loss * world_supply / 5.0,
        "oil.crude_share_india": 0.0,
        "oil.crude_share_turkiye": 0.0,
        "oil.crude_share_eu": 0.0,
        "oil.crude_share_other": 0.0,
        "oil.blocking_transient": 0.0,
        "oil.china_blocking_response": 0.0,
        "oil.long_run_supply_elasticity": es,
        "oil.long_run_demand_elasticity": ed,
    }
    drawn = sample(settings, ["oil.supply_effect", "oil.net_loss"], 1, paths=256)
    np.testing.assert_allclose(drawn["oil.net_loss"], loss, rtol=1e-12)
    np.testing.assert_allclose(100.0 * np.expm1(drawn["oil.supply_effect"]), percent, rtol=1e-8)


def test_elasticities_grow_from_short_to_long_run(sample, price_alone):
    from detente_kernels.oil.brent import price_effect

    loss = 0.05
    assert price_effect(loss, 0.0, 0.24, 0.7) == pytest.approx(loss / 0.24)
    assert price_effect(loss, loss, 0.24, 0.7) == pytest.approx(loss / 0.7)
