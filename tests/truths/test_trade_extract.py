"""Trade among the sixteen countries that ship with the tests, against a second solution: the levels of a gravity world
whose wages a general root finder clears.

The published outcomes of 194 countries need all 194 (test_trade.py).
"""

from pathlib import Path

import numpy as np
import pytest
from detente import trade
from scipy.optimize import root

EXTRACT = Path(__file__).resolve().parents[1] / "data" / "trade"
EPSILON = 4.0


@pytest.fixture(scope="module")
def table() -> trade.Table:
    return trade.read(EXTRACT)


def on(table: trade.Table, names: list[str], rate: float) -> np.ndarray:
    """A tariff of the United States on some countries."""
    tariff = np.zeros_like(table.trade)
    tariff[[table.keys.index(name) for name in names], table.keys.index("USA")] = rate
    return tariff


def second_solution(flows: np.ndarray, tariff: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Welfare in percent, prices (factor) and flows before tariff of plain Dekle, Eaton and Kortum (2008): in levels,
    with technology backed out of the flows, transfers a constant share of world income, revenue handed back."""
    size = len(flows)
    sales, spending = flows.sum(axis=1), flows.sum(axis=0)
    gap = (spending - sales) / sales.sum()
    technology = flows / spending  # of each pair, at wages of 1

    def world(logs: np.ndarray) -> tuple[np.ndarray, ...]:
        wages = np.exp(np.append(logs, 0.0))
        costs = technology * (wages[:, None] * (1.0 + tariff)) ** -EPSILON
        shares = costs / costs.sum(axis=0)
        prices = costs.sum(axis=0) ** (-1.0 / EPSILON)
        income = wages * sales
        # Spending = income + transfer + revenue, and revenue is a share of spending.
        duty = (shares * tariff / (1.0 + tariff)).sum(axis=0)
        spent = (income + gap * income.sum()) / (1.0 - duty)
        return shares * spent / (1.0 + tariff), spent, prices, income

    def excess(logs: np.ndarray) -> np.ndarray:
        sold, _, _, income = world(logs)
        return (sold.sum(axis=1) / income - 1.0)[:-1]

    solved = root(excess, np.zeros(size - 1), tol=1e-13)
    assert np.abs(excess(solved.x)).max() < 1e-10
    sold, spent, prices, _ = world(solved.x)
    level = np.sum(spending * prices) / np.sum(spending)  # prices of the world's spending stay
    return 100.0 * (spent / spending / prices - 1.0), prices / level, sold / level


@pytest.mark.parametrize(
    ("names", "rate"), [(["IND"], 0.5), (["CHN", "VNM"], 5.0), (["IND", "CHN", "TUR", "BRA"], 1.0)]
)
def test_tariffs_by_a_second_solution(table, names, rate):
    home = table.keys.index("USA")
    solved = trade.equilibrium(table.trade, table.gdp, on(table, names, rate), home=home, variant="dek")
    welfare, prices, flows = second_solution(solved.base.flows, on(table, names, rate))
    assert solved.welfare == pytest.approx(welfare, abs=1e-7)
    assert solved.prices == pytest.approx(prices, abs=1e-8)
    assert solved.flows == pytest.approx(flows, rel=1e-7, abs=1e-7 * table.gdp.min())


def test_the_tariffs_of_april_2025_by_a_second_solution(table):
    """The rates of the executive order, at least 10%."""
    home = table.keys.index("USA")
    rates = np.loadtxt(EXTRACT / "us_tariffs.csv", skiprows=1)
    tariff = np.zeros_like(table.trade)
    tariff[:, home] = np.maximum(rates, 0.1)
    tariff[home, home] = 0.0
    solved = trade.equilibrium(table.trade, table.gdp, tariff, home=home, variant="dek")
    assert solved.welfare == pytest.approx(second_solution(solved.base.flows, tariff)[0], abs=1e-7)


def test_without_trade_the_gains_from_trade_are_lost(table):
    """Prohibitive tariffs of all on all, in a world whose trade is balanced: the closed form of the domestic share."""
    balanced, home = (table.trade + table.trade.T) / 2.0, table.keys.index("USA")
    tariff = np.full_like(balanced, 1e4)
    np.fill_diagonal(tariff, 0.0)
    solved = trade.equilibrium(balanced, table.gdp, tariff, home=home, variant="dek")
    shares = solved.base.flows.diagonal() / solved.base.flows.sum(axis=0)
    assert solved.welfare == pytest.approx(-100.0 * trade.gains_from_trade(shares, EPSILON), abs=1e-6)
    assert solved.welfare == pytest.approx(-100.0 * (1.0 - shares ** (1.0 / EPSILON)), abs=1e-6)
