"""The trade library: what must hold for every world, what is refused, the table that ships, the command."""

import csv
import io
import json
import re
from pathlib import Path

import detente
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from detente import trade
from detente.cli.app import application
from detente.report.figures import trade as figure
from detente.report.plots import labels, style
from detente.shared.errors import DataError, DetenteError
from detente.trade import aggregate, data, one_sector, one_sector_hat
from detente.trade.base import Base
from hypothesis import given, settings
from hypothesis import strategies as st

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "validation" / "liberation_day"
ROOT = Path(__file__).resolve().parents[2]
OPTIONS = st.fixed_dictionaries(
    {
        "variant": st.sampled_from(trade.VARIANTS),
        "rebate": st.sampled_from(trade.REBATES),
        "trade_elasticity": st.floats(1.0, 8.0),
        "passthrough": st.floats(0.25, 1.0),
    }
)


@st.composite
def worlds(draw) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Trade, GDP and tariffs of three to six countries of very different sizes, with deficits that stay within
    reason."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(3, 6))
    gdp = 10.0 ** rng.uniform(0.0, 4.0, count)
    flows = np.outer(gdp, gdp) / gdp.sum() * rng.uniform(0.05, 0.2, (count, count))
    flows = (flows + flows.T) / 2.0 * rng.uniform(0.9, 1.1, (count, count))
    np.fill_diagonal(flows, 0.0)
    tariff = rng.choice([0.0, 0.1, 0.5, 5.0], (count, count), p=[0.6, 0.2, 0.15, 0.05])
    np.fill_diagonal(tariff, 0.0)
    return flows, gdp, tariff


SHORT = settings(max_examples=40, deadline=None, derandomize=True)


@SHORT
@given(worlds(), OPTIONS)
def test_no_tariff_no_effect(world, options):
    flows, gdp, tariff = world
    assert np.abs(trade.solve(flows, gdp, 0.0 * tariff, home=0, **options).to_numpy()).max() < 1e-9


@SHORT
@given(worlds(), OPTIONS)
def test_the_world_adds_up(world, options):
    """Income, spending, revenue and transfers close for each country and in the world; prices keep their mean."""
    flows, gdp, tariff = world
    found = trade.equilibrium(flows, gdp, tariff, home=0, **options)
    base, spent = found.base, found.base.spending * found.spending
    growth = found.income.sum() / base.income.sum()
    assert found.residual < 1e-11
    assert spent == pytest.approx(found.income + found.revenue + base.transfers * growth, rel=1e-10)
    assert spent.sum() == pytest.approx((found.income + found.revenue).sum(), rel=1e-12)
    assert found.flows.sum() == pytest.approx(found.income.sum(), rel=1e-10)
    assert (found.flows * (1.0 + found.tariff)).sum(axis=0) == pytest.approx(spent, rel=1e-12)
    assert (found.flows * found.tariff).sum(axis=0) == pytest.approx(found.revenue, rel=1e-9, abs=1e-12)
    assert base.spending @ found.prices == pytest.approx(base.spending.sum(), rel=1e-12)
    assert abs((found.flows.sum(axis=0) - found.flows.sum(axis=1)).sum()) < 1e-9 * found.flows.sum()


@SHORT
@given(worlds(), OPTIONS, st.randoms(use_true_random=False))
def test_names_do_not_matter(world, options, shuffler):
    flows, gdp, tariff = world
    order = list(range(len(gdp)))
    shuffler.shuffle(order)
    one = trade.solve(flows, gdp, tariff, home=0, **options).to_numpy()
    other = trade.solve(
        flows[np.ix_(order, order)], gdp[order], tariff[np.ix_(order, order)], home=order.index(0), **options
    ).to_numpy()
    assert other == pytest.approx(one[order], rel=1e-7, abs=1e-8)


@SHORT
@given(worlds(), OPTIONS, st.sampled_from([1e-6, 2.0, 1e9]))
def test_units_do_not_matter(world, options, unit):
    flows, gdp, tariff = world
    one = trade.solve(flows, gdp, tariff, home=0, **options).to_numpy()
    assert trade.solve(unit * flows, unit * gdp, tariff, home=0, **options).to_numpy() == pytest.approx(
        one, rel=1e-7, abs=1e-8
    )


@SHORT
@given(worlds(), OPTIONS)
def test_the_solution_solves_the_equations_as_they_are_written(world, options):
    """The three conditions once more, straight from the page and without the shortcuts of the solver."""
    flows, gdp, tariff = world
    found = trade.equilibrium(flows, gdp, tariff, home=0, **options)
    base, eps = found.base, options["trade_elasticity"]
    plain = options["variant"] == "dek"
    kappa, psi = (0.0, 0.0) if plain else (0.5, 0.67 / 4)
    nu = base.adjustment
    theta = np.inf if plain else 1 / psi
    phi = options["passthrough"] + ((1 + 1 / theta) / (1 - nu) - 1 / theta - 1)
    w, L, e = found.wage, found.employment, found.spending
    A = base.shares * ((w / L**psi) ** -eps)[:, None] * (1 + tariff) ** (-eps * phi)
    shares = A / A.sum(axis=0)
    P = (e / w) ** (1 - phi) * A.sum(axis=0) ** (-1 / eps)
    X = shares * base.spending * e / (1 + tariff)
    R = (shares * tariff / (1 + tariff)).sum(axis=0) * base.spending * e
    Y = w * L * base.income
    tau = R / Y if options["rebate"] == "income-tax" else 0.0 * R
    assert found.prices == pytest.approx(P, rel=1e-9)
    assert X @ (1 - nu) + nu * X.sum(axis=0) == pytest.approx(Y, rel=1e-9)
    assert R + Y + base.transfers * Y.sum() / base.income.sum() == pytest.approx(base.spending * e, rel=1e-9)
    assert found.employment == pytest.approx((w / ((1 - tau) * P)) ** kappa, rel=1e-9)


@pytest.mark.parametrize(
    "options", [{}, {"rebate": "lump-sum"}, {"variant": "dek"}, {"trade_elasticity": 8.0, "passthrough": 0.25}]
)
def test_the_jacobian_is_exact(options):
    """Against central differences, away from the solution."""
    table = trade.shipped()
    tariff = np.zeros((13, 13))
    tariff[[1, 2], 0], tariff[0, 1] = 5.0, 0.5
    kept = []
    real = one_sector_hat.System.solve
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(one_sector.System, "solve", lambda system: kept.append(system) or real(system))
        trade.equilibrium(table.trade, table.gdp, tariff, home=0, **options)
    system, free = kept[0], np.arange(1, 13)
    step = one_sector_hat._Step(system, np.log1p(tariff), free)
    point = np.random.default_rng(1).normal(0.0, 0.05, 25 if system.kappa else 12)
    numeric = [
        (step.evaluate(point + 1e-6 * u)[0] - step.evaluate(point - 1e-6 * u)[0]) / 2e-6 for u in np.eye(len(point))
    ]
    assert step.jacobian(step.evaluate(point)[1]) == pytest.approx(np.array(numeric).T, abs=1e-7)


# --- Edges ------------------------------------------------------------------------------------------------------------


def test_rows_and_columns_of_zeros_and_tiny_countries():
    flows = np.array([[0.0, 30.0, 0.0, 1e-9], [25.0, 0.0, 10.0, 0.0], [0.0, 0.0, 0.0, 0.0], [1e-9, 0.0, 0.0, 0.0]])
    tariff = np.zeros((4, 4))
    tariff[1, 0] = 100.0
    found = trade.equilibrium(flows, [500.0, 400.0, 80.0, 1e-6], tariff, home=0, variant="dek")
    assert found.residual < 1e-11
    outcomes = found.table()
    assert outcomes["exports/GDP"].iloc[2] == 0.0 and np.isfinite(outcomes["welfare"]).all()


def test_diagonals_are_not_read():
    table = trade.shipped()
    tariff = np.zeros((13, 13))
    tariff[1, 0] = 0.5
    plain = trade.solve(table.trade, table.gdp, tariff, home=0)
    assert plain.equals(trade.solve(table.trade + np.diag(table.gdp), table.gdp, tariff + 0.3 * np.eye(13), home=0))
    assert table.trade.diagonal().sum() == 0.0


def test_names_come_with_a_frame():
    import pandas as pd

    frame = pd.DataFrame([[0.0, 3.0], [2.0, 0.0]], index=["here", "there"], columns=["here", "there"])
    found = trade.solve(frame, [50.0, 40.0], np.zeros((2, 2)), home="here")
    assert list(found.index) == ["here", "there"] and tuple(found.columns) == trade.OUTCOMES


GOOD = (np.array([[0.0, 3.0, 1.0], [2.0, 0.0, 1.0], [1.0, 1.0, 0.0]]), np.array([50.0, 40.0, 9.0]), np.zeros((3, 3)))


def change(array: np.ndarray, place, value) -> np.ndarray:
    array = array.copy()
    array[place] = value
    return array


@pytest.mark.parametrize(
    ("replaced", "options", "kind", "words"),
    [
        ({0: GOOD[0][:, :2]}, {}, trade.TableError, "square"),
        ({0: GOOD[0][0]}, {}, trade.TableError, "square"),
        ({0: np.zeros((1, 1))}, {}, trade.TableError, "two countries"),
        ({0: [["a", 1], [1, 2]]}, {}, trade.TableError, "not numbers"),
        ({0: change(GOOD[0], (0, 1), -1.0)}, {}, trade.TableError, "from A to B is -1"),
        ({0: change(GOOD[0], (1, 2), np.nan)}, {}, trade.TableError, "from B to C is not a finite"),
        (
            {0: change(change(GOOD[0], (2, slice(None)), 0.0), (slice(None), 2), 0.0)},
            {},
            trade.TableError,
            "disconnected.*C",
        ),
        ({1: GOOD[1][:2]}, {}, trade.TableError, "gdp: one number a country"),
        ({1: change(GOOD[1], 1, -5.0)}, {}, trade.TableError, "gdp: the entry of B is -5"),
        ({1: change(GOOD[1], 1, 0.0)}, {}, trade.TableError, "that of B is 0"),
        ({1: change(GOOD[1], 1, np.inf)}, {}, trade.TableError, "of B is not a finite"),
        ({2: np.zeros((2, 2))}, {}, trade.TableError, "tariff: it has 2 countries"),
        ({2: change(GOOD[2], (0, 1), -1.0)}, {}, trade.OptionError, "from A to B is -1; a tariff"),
        ({2: change(GOOD[2], (0, 1), np.nan)}, {}, trade.TableError, "tariff: the entry from A to B"),
        ({}, {"home": 3}, trade.OptionError, "no country 3"),
        ({}, {"home": "D"}, trade.OptionError, 'no country "D"'),
        ({}, {"home": 0.5}, trade.OptionError, "home"),
        ({}, {"trade_elasticity": 0.0}, trade.OptionError, "trade_elasticity: it is 0 and must be above 0"),
        ({}, {"trade_elasticity": "four"}, trade.OptionError, "a number is needed"),
        ({}, {"labor_supply_elasticity": -0.1}, trade.OptionError, "at least 0"),
        ({}, {"scale_elasticity": np.nan}, trade.OptionError, "finite"),
        ({}, {"passthrough": -1.0}, trade.OptionError, "passthrough"),
        ({}, {"passthrough": [1.0, 1.0]}, trade.OptionError, "passthrough"),
        ({}, {"variant": "armington"}, trade.OptionError, 'no "armington"'),
        ({}, {"rebate": "none"}, trade.OptionError, 'no "none"'),
        ({}, {"variant": "dek", "labor_supply_elasticity": 0.7}, trade.OptionError, "does not use it"),
        ({}, {"countries": ["A", "B"]}, trade.TableError, "2 names were given for 3"),
        ({}, {"countries": ["A", "B", "A"]}, trade.TableError, "more than once"),
    ],
)
def test_what_cannot_be_meant_is_refused(replaced, options, kind, words):
    arguments = [replaced.get(place, value) for place, value in enumerate(GOOD)]
    with pytest.raises(kind, match=words) as caught:
        trade.solve(*arguments, **({"home": 0, "countries": ["A", "B", "C"]} | options))
    assert isinstance(caught.value, ValueError) and isinstance(caught.value, DetenteError)


def test_no_equilibrium_is_said_with_residual_and_country():
    """A surplus that is held while half the world stops buying: there is no world like that."""
    flows = np.array([[0.0, 1.0, 1.0], [30.0, 0.0, 2.0], [1.0, 1.0, 0.0]])
    tariff = np.zeros((3, 3))
    tariff[1, [0, 2]] = 1e4
    with pytest.raises(trade.ConvergenceError, match="surplus of B") as caught:
        trade.solve(flows, [60.0, 40.0, 20.0], tariff, home=0, variant="dek", countries=["A", "B", "C"])
    assert caught.value.residual > 1e-11 and caught.value.country in "ABC"


# --- Sectors ----------------------------------------------------------------------------------------------------------


def economy(seed: int, kinds: int = 3, count: int = 4) -> dict:
    rng = np.random.default_rng(seed)
    return {
        "shares": rng.dirichlet(np.ones(count), (kinds, count)).transpose(0, 2, 1),
        "value_added": rng.uniform(20.0, 100.0, count),
        "tariff": rng.uniform(0.0, 0.3, (kinds, count, count)),
        "trade_elasticity": rng.uniform(2.0, 8.0, kinds),
        "value_added_share": rng.uniform(0.3, 0.7, (kinds, count)),
        "input_share": rng.dirichlet(np.ones(kinds), (kinds, count)).transpose(2, 0, 1),
        "final_share": rng.dirichlet(np.ones(kinds), count).T,
    }


@pytest.mark.parametrize("seed", range(4))
def test_sectors_without_a_change(seed):
    given = economy(seed)
    found = trade.solve_sectors(**given, initial_tariff=given["tariff"])
    assert np.abs(found.to_numpy()[:, :6]).max() < 1e-9


@pytest.mark.parametrize("seed", range(4))
def test_sectors_add_up(seed):
    """Initial tariffs, a huge new one and an answer: markets clear, trade balances, value added keeps its sum."""
    given = economy(seed)
    new = given["tariff"].copy()
    new[:, 1, 0] += 5.0
    new[0, 0, 1] += 0.5
    found = trade.sector_equilibrium(**(given | {"tariff": new}), initial_tariff=given["tariff"])
    assert found.residual < 1e-11
    added = found.base_value_added * found.wage
    assert added.sum() == pytest.approx(given["value_added"].sum(), rel=1e-12)
    assert (given["value_added_share"] * found.flows.sum(axis=2)).sum(axis=0) == pytest.approx(added, rel=1e-10)
    for flows in (found.base_flows, found.flows):
        assert flows.sum(axis=(0, 1)) == pytest.approx(flows.sum(axis=(0, 2)), rel=1e-10)
    assert found.income == pytest.approx(added + found.revenue, rel=1e-12)


def test_one_sector_without_inputs_is_the_plain_model():
    """Balanced trade, no inputs: both solvers give the same world."""
    flows = np.array([[0.0, 12.0, 8.0], [9.0, 0.0, 6.0], [11.0, 3.0, 0.0]])
    flows = flows + np.diag([400.0, 150.0, 120.0])
    income = flows.sum(axis=0)
    tariff = np.zeros((3, 3))
    tariff[1, 0] = 5.0
    many = trade.sector_equilibrium(
        (flows / income)[None],
        income,
        tariff,
        trade_elasticity=4.0,
        value_added_share=[1.0],
        input_share=[[1.0]],
        final_share=[1.0],
    )
    base = many.base_flows[0]
    spent = base.sum(axis=0)
    world = Base(["A", "B", "C"], 0, base, base / spent, spent, base.sum(axis=1), spent - base.sum(axis=1), np.zeros(3))
    system = one_sector_hat.System(world, tariff, 4.0, 0.0, 0.0, np.ones(3), False)
    one = one_sector._after(system, system.solve())
    assert world.transfers == pytest.approx(np.zeros(3), abs=1e-9)
    assert many.welfare == pytest.approx(one.welfare, abs=1e-8)
    assert many.wage / many.wage[0] == pytest.approx(one.wage / one.wage[0], rel=1e-9)


@pytest.mark.parametrize(
    ("replaced", "words"),
    [
        ({"shares": economy(0)["shares"].transpose(0, 2, 1)}, "swapped"),
        ({"shares": np.ones((2, 2))}, "by sector, exporter and importer"),
        ({"value_added": [1.0]}, "value_added"),
        ({"value_added": [1.0, 2.0, 3.0, 0.0]}, "value_added"),
        ({"value_added_share": np.zeros((3, 4))}, "value_added_share"),
        ({"input_share": np.ones((3, 3))}, "input_share"),
        ({"final_share": [0.5, 0.1, 0.1]}, "final_share"),
        ({"tariff": np.zeros((2, 4, 4))}, "tariff"),
        ({"tariff": np.full((4, 4), -1.0)}, "above -1"),
        ({"trade_elasticity": [1.0, 2.0]}, "trade_elasticity"),
        ({"trade_elasticity": -1.0}, "trade_elasticity"),
        ({"deficit": [1.0, 0.0, 0.0, 0.0]}, "sum to 0"),
    ],
)
def test_sectors_refuse(replaced, words):
    with pytest.raises(ValueError, match=words):
        trade.solve_sectors(**(economy(0) | replaced))


# --- The table that ships ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared validation data are not beside this checkout")
def test_the_shipped_table_is_the_aggregation(capsys):
    known = trade.regions()
    assert (ROOT / "configs" / "trade" / "table.csv").read_text(encoding="utf-8") == aggregate.text(
        data.aggregate(trade.read(SHARED), known), known
    )
    assert aggregate.main([str(SHARED)]) == 0
    assert capsys.readouterr().out == (ROOT / "configs" / "trade" / "table.csv").read_text(encoding="utf-8")


def test_aggregation_says_what_is_wrong(capsys, tmp_path: Path):
    assert aggregate.main([]) == 2 and aggregate.main([str(tmp_path / "nowhere")]) == 4
    assert "no such folder" in capsys.readouterr().err


def test_the_shipped_table_is_sound():
    table, known = trade.shipped(), trade.regions()
    assert len(table.keys) == 13 and (table.gdp > 0).all() and known.year == 2023 and "BACI" in table.source
    members = [member for region in known.regions for member in region.members]
    assert len(set(members)) == len(members) and len(next(r for r in known.regions if r.key == "EU27").members) == 27
    assert all(key in table.keys for keys in known.groups.values() for key in keys)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A full table of three countries."""
    (tmp_path / "trade_matrix_3.csv").write_text("a,b,c\n,4000,1000\n2000,,1000\n1000,1000,\n")
    (tmp_path / "gdp_usd.csv").write_text("gdp\n50e6\n40e6\n9e6\n")
    (tmp_path / "country_labels.csv").write_text(
        "iso3,iso_code,CountryName\nUSA,1,United States\nNAM,2,Namibia\nDEU,3,Germany\n"
    )
    return tmp_path


def test_a_folder_is_read(folder: Path):
    table = trade.read(folder)
    assert (
        table.keys == ["USA", "NAM", "DEU"]
        and table.trade[0].tolist() == [0.0, 4000.0, 1000.0]
        and table.gdp[2] == 9000.0
    )


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("gdp_usd.csv", "gdp\n1\n2\n", "2 values of GDP but 3 labels"),
        ("gdp_usd.csv", "money\n1\n", "no column gdp"),
        ("trade_matrix_3.csv", "", "the file is empty"),
        ("gdp_usd.csv", "gdp\n50e6\n1_0\n9e6\n", 'gdp_usd.csv, line 3: the GDP "1_0" is not a number'),
        ("trade_matrix_3.csv", "a,b,c\n,4000,1000,7\n2000,,1000\n1000,1000,\n", "line 2: the row has 4 values"),
        (
            "trade_matrix_3.csv",
            "a;b;c\n;4.000,5;1000\n2000;;1000.5\n1000;1000;\n",
            'line 3: the trade "1000.5" is not a number with a decimal comma',
        ),
        ("trade_matrix_4.csv", "a\n1\n", "several files"),
        ("country_labels.csv", None, "country_labels.csv"),
    ],
)
def test_damaged_folders_are_refused(folder: Path, name: str, text: str | None, words: str):
    if text is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(text)
    with pytest.raises(DataError, match=words):
        trade.read(folder)


def test_a_word_in_the_matrix_is_refused_with_its_line(folder: Path):
    (folder / "trade_matrix_3.csv").write_text("a,b,c\n,much,1000\n2000,,1000\n1000,1000,\n")
    with pytest.raises(trade.TableError, match=r'trade_matrix_3\.csv, line 2: the trade "much" is not a number'):
        trade.read(folder)


def test_a_folder_with_semicolons_and_decimal_commas_is_read(folder: Path):
    (folder / "trade_matrix_3.csv").write_text("a;b;c\n;4.000,5;1000\n2000;;1000\n1000;1000;\n")
    assert trade.read(folder).trade[0].tolist() == [0.0, 4000.5, 1000.0]


# --- The command ------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def call(*args: object) -> Result:
    return CliRunner().invoke(application, ["tariff", *(str(arg) for arg in args)], prog_name="detente")


def test_command_prints_a_table_and_says_what_it_rests_on():
    result = call("--on", "IND,China")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert (
        len(lines) == 14
        and lines[1].startswith("United States (imposes)")
        and "BACI" in result.stderr
        and "elasticity 4" in result.stderr
    )
    assert call("--on", "IND,China", "-q").stderr == ""


def test_command_json_is_the_library():
    record = json.loads(
        call("--on", "buyers", "--rate", 50, "--retaliation", "reciprocal", "--variant", "dek", "--json").stdout
    )
    table = trade.shipped()
    on = data.choose(["buyers"], table, trade.regions())
    expected = trade.what_if(table, 0, on, 0.5, retaliation="reciprocal", variant="dek").world.welfare
    found = {row["key"]: row["welfare_pct"] for row in record["countries"]}
    assert [found[key] for key in table.keys] == pytest.approx(expected) and record["on"] == [
        table.keys[index] for index in on
    ]


def test_command_all_is_everyone_else():
    rows = list(csv.DictReader(io.StringIO(call("--on", "all", "--by", "EU", "--rate", "10", "--csv").stdout)))
    assert sorted(row["role"] for row in rows) == ["imposes"] + ["target"] * 12
    assert next(row["key"] for row in rows if row["role"] == "imposes") == "EU27"


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        ((), 2, "--on"),
        (("--on", "Indai"), 2, '"India"'),
        (("--on", "XYZQ"), 2, "no country"),
        (("--on", "DEU"), 2, "part of EU27"),
        (("--on", "USA"), 2, "on itself"),
        (("--on", ","), 2, "at least one"),
        (("--on", "IND", "--by", "buyers"), 2, "expected one country"),
        (("--on", "IND", "--rate", "-100"), 2, "is out of range"),
        (("--on", "IND", "--elasticity", "0"), 2, "trade_elasticity"),
        (("--on", "IND", "--json", "--csv"), 2, "Choose one"),
        (("--on", "IND", "--data", "nowhere"), 4, "no such folder"),
    ],
)
def test_command_errors_are_a_sentence(args: tuple[str, ...], code: int, words: str):
    result = call(*args)
    assert result.exit_code == code and words in result.stderr and "Traceback" not in result.output


def test_command_with_a_table_of_ones_own(folder: Path):
    result = call("--data", folder, "--on", "Germany", "--csv")
    assert result.exit_code == 0 and {row.split(",")[0] for row in result.stdout.splitlines()[1:]} == {
        "USA",
        "NAM",
        "DEU",
    }
    assert call("--data", folder, "--on", "EU", "--csv").stdout == result.stdout


def test_command_writes_figure_and_table(tmp_path: Path):
    result = call("--on", "BRA", "-o", "made here")
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "made here").iterdir()} == {"tariff.png", "tariff.svg", "tariff.csv"}
    assert "liberation" not in result.stderr and "Written: " in result.stderr


@pytest.mark.parametrize("size", style.SIZES)
@pytest.mark.parametrize(
    ("targets", "rate"), [(["IND"], 5.0), (["CHN", "IND"], 5.0), (["buyers"], 0.075), (["ROW"], 1.0)]
)
def test_the_figure_reads_well(size: str, targets: list[str], rate: float):
    """No text over another or beyond the page; the title is the finding."""
    table = trade.shipped()
    answer = trade.what_if(table, 0, data.choose(targets, table, trade.regions()), rate)
    with style.drawing("tariff"):
        picture = figure.tariff(answer, "Static model. " + table.source, style.SIZES[size])
        assert labels.faults(picture.sheet.figure) == []
    assert re.search(r"USD\u00a0[\d.]+bn a year", picture.sheet.title) and f"{100 * rate:g}%" in picture.sheet.title
    assert len(picture.data) == 13


def test_the_package_offers_it():
    assert detente.trade.solve is trade.solve


def test_countries_in_another_order_are_refused():
    table = trade.shipped()
    flows = pd.DataFrame(table.trade, table.keys, table.keys)
    gdp, tariff = pd.Series(table.gdp, table.keys), pd.DataFrame(0.0, table.keys, table.keys)
    assert np.abs(trade.solve(flows, gdp, tariff, home="USA")["welfare"]).max() < 1e-9
    for wrong in (
        (flows[table.keys[::-1]], gdp, tariff),
        (flows, gdp[::-1], tariff),
        (flows, gdp, tariff.loc[table.keys[::-1], table.keys[::-1]]),
    ):
        with pytest.raises(trade.TableError, match="another order"):
            trade.solve(*wrong, home="USA")


@pytest.mark.parametrize("rate", ["nan", "inf", "-50", "1e9"])
def test_a_rate_that_is_no_tariff_is_refused(rate):
    assert call("--on", "IND", f"--rate={rate}").exit_code == 2
