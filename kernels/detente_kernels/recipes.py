"""The price and loss recipes alone: the step functions of a run over many paths, without the rest of the model.

No gulf disturbance, no lost supply, no change of forces; every step is a month. ``draws`` hold what a run draws for its
path and step: the words of the named streams, (steps, words, paths).
"""

from .attrition import losses
from .gas import balance, ttf
from .oil import brent
from .tools.jit import kernel
from .tools.processes import filter_step, season_level
from .tools.special import exp, log
from .tools.units import DAYS_PER_MONTH


@kernel
def brent_means(params, start, draws, means, shocks):
    """Monthly mean Brent, USD/bbl, and its standard normals, (steps, paths) each.

    ``params`` (fields of brent.Params, paths); ``start`` (4, paths): price, transient part, log variance, momentum;
    ``draws``: transient, permanent, averaging, volatility, tail_a, tail_b, tail_c.
    """
    for i in range(means.shape[1]):
        p = brent.Params(
            volatility_level=params[0, i],
            volatility_persistence=params[1, i],
            volatility_noise=params[2, i],
            volatility_scale=params[3, i],
            explained_variance=params[4, i],
            shock_tail=params[5, i],
            transient_reversion=params[6, i],
            transient_share=params[7, i],
            factor_correlation=params[8, i],
            drift=params[9, i],
            averaging_weight=params[10, i],
            averaging_noise=params[11, i],
            gulf_price_effect=params[12, i],
            gulf_price_half_life=params[13, i],
            gulf_volatility_effect=params[14, i],
            supply_elasticity=params[15, i],
            demand_elasticity=params[16, i],
            elasticity_scale=params[17, i],
            long_run_supply_elasticity=params[18, i],
            long_run_demand_elasticity=params[19, i],
            elasticity_growth_months=params[20, i],
            price_ceiling=params[21, i],
            ceiling_drift=params[22, i],
            ceiling_pull=params[23, i],
        )
        state = brent.State(log(start[0, i]), start[1, i], start[2, i], 0.0, 0.0, 0.0, start[3, i])
        for t in range(means.shape[0]):
            z = brent.Shocks(
                draws[t, 0, i],
                draws[t, 1, i],
                draws[t, 2, i],
                draws[t, 3, i],
                draws[t, 4, i],
                draws[t, 5, i],
                draws[t, 6, i],
            )
            new = brent.step(p, state, z, 0.0, 0.0, float(t), 1.0)
            state = new.state
            means[t, i] = exp(new.log_mean)
            shocks[t, i] = new.shock


@kernel
def ttf_means(params, start, season, circle, gap, oil, draws, means):
    """Monthly mean price of gas, (steps, paths), in the unit of the start.

    ``params`` (fields of ttf.Params, paths); ``start`` (5, paths): price, log variance, innovation of the last month,
    filter of log Brent and its mean over the last month; ``season`` (2, paths): coefficients of cosine and sine;
    ``circle`` (steps + 1, 2): cosine and sine of the calendar months, the last known one first; ``gap``: storage gap,
    tens of points, held; ``oil`` (steps, 3, paths): log Brent, its standard normal, log of the soft ceiling;
    ``draws``: price, tail, volatility, tail_a, tail_b.
    """
    for i in range(means.shape[1]):
        p = ttf.Params(
            volatility_level=params[0, i],
            volatility_persistence=params[1, i],
            volatility_noise=params[2, i],
            volatility_cap=params[3, i],
            explained_variance=params[4, i],
            largest_move=params[5, i],
            averaging_memory=params[6, i],
            mean_reversion=params[7, i],
            long_run_log=params[8, i],
            storage_gap_effect=params[9, i],
            storage_gap_fade=params[10, i],
            volatility_gap_effect=params[11, i],
            gulf_price_half_life=params[12, i],
            oil_response=params[13, i],
            oil_half_life=params[14, i],
            oil_correlation=params[15, i],
            soft_floor=params[16, i],
            floor_pull=params[17, i],
            ceiling_pull=params[18, i],
        )
        origin = season_level(season[0, i], season[1, i], circle[0, 0], circle[0, 1])
        log_price = log(start[0, i])
        base = log_price + p.averaging_memory * start[2, i]
        state = ttf.State(base, start[1, i], 0.0, 0.0, start[3, i], start[4, i], 0.0)
        for t in range(means.shape[0]):
            z = ttf.Shocks(draws[t, 0, i], draws[t, 1, i], draws[t, 2, i], draws[t, 3, i], draws[t, 4, i])
            level = season_level(season[0, i], season[1, i], circle[t + 1, 0], circle[t + 1, 1])
            market = ttf.Market(
                log_price=log_price,
                storage_gap=gap,
                season=level - origin,
                gulf_target=0.0,
                supply_effect=0.0,
                weather=0.0,
                log_oil=oil[t, 0, i],
                oil_shock=oil[t, 1, i],
                log_ceiling=oil[t, 2, i],
            )
            new = ttf.step(p, state, z, market, 1.0 if t == 0 else 0.0, 1.0)
            state = new.state
            log_price = new.log_mean
            means[t, i] = exp(log_price)


@kernel
def storage_fills(params, start, angles, winter, log_prices, draws, fills):
    """Fill of gas storage at the end of each month, per cent, (steps, paths), at prices that are given.

    ``params`` (12, paths): storage path (5), reversion, price effect and half-life, weather in winter and summer and
    its rate, capacity (TWh); ``start`` (2,): fill, log price over its slow mean; ``angles`` (steps + 1, 4): cosine and
    sine of the year's angle and its double at the ends of month; ``winter`` (steps,); ``log_prices`` (steps,): log
    price over that of the start; ``draws`` (steps, 2, paths): weather at the end of the month and its mean.
    """
    for i in range(fills.shape[1]):
        path = balance.Path(params[0, i], params[1, i], params[2, i], params[3, i], params[4, i])
        capacity = params[11, i]
        stored = start[0] * capacity / 100.0
        slow = -start[1]
        anomaly = 0.0
        for t in range(fills.shape[0]):
            weather = balance.anomaly_step(anomaly, params[10, i], draws[t, 0, i], draws[t, 1, i], 1.0)
            anomaly = weather.end
            later = filter_step(slow, log_prices[t], params[7, i], 1.0)
            slow = later.end
            taken = balance.weather_response(params[8, i], params[9, i], winter[t]) * weather.mean
            taken += balance.price_withdrawal(params[6, i], log_prices[t], later.mean, capacity, 1.0)
            begin, end = balance.normal_fill(path, angles[t]), balance.normal_fill(path, angles[t + 1])
            stored = balance.planned_store(stored, capacity, begin, end, params[5, i], taken, 1.0)
            fills[t, i] = 100.0 * stored / capacity


@kernel
def claimed_rates(params, start, draws, rates):
    """Claimed losses, persons a day, (steps, paths).

    ``params`` (fields of losses.Params, paths); ``start`` (2, paths): log level, deviation of the last days;
    ``draws``: level, noise, days.
    """
    for i in range(rates.shape[1]):
        p = losses.Params(params[0, i], params[1, i], params[2, i], params[3, i], params[4, i])
        level = start[0, i]
        for t in range(rates.shape[0]):
            level = losses.level_step(p, level, draws[t, 0, i], 1.0 if t == 0 else 0.0, 1.0)
            mean = exp(level + losses.recent_share(float(t), 1.0) * start[1, i])
            noise = losses.month_noise(p, mean, DAYS_PER_MONTH, 1.0) ** 0.5
            persons = losses.count(
                mean * exp(noise * draws[t, 1, i]), DAYS_PER_MONTH, p.dispersion, p.correlation, draws[t, 2, i]
            )
            rates[t, i] = persons / DAYS_PER_MONTH
