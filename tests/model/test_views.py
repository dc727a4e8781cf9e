"""Views: least change, exact targets, refusals in words, and the laws of probability under weights."""

from pathlib import Path

import detente
import numpy as np
import pytest
from click.testing import CliRunner
from detente.analysis.tilting import InfeasibleError, tilt, weighted_quantiles
from detente.cli.app import application
from detente.questions.view_file import views_of
from detente.questions.views import FEWEST, Viewed
from detente.shared.errors import ConfigError
from scipy.optimize import minimize
from scipy.special import ndtri

CEASEFIRE = "P(ceasefire before 2027-07)"


def viewed(run: detente.Run, toml: str, tmp_path: Path) -> Viewed:
    file = tmp_path / "views.toml"
    file.write_text("schema_version = 1\n" + toml)
    return run.view(file)


def test_a_normal_moved_by_half_gives_the_closed_form():
    n = 2**18
    x = ndtri((np.arange(n) + 0.5) / n)
    result = tilt(x[:, None], [0.5])
    assert result.multipliers[0] == pytest.approx(0.5, abs=2e-4)
    assert result.divergence == pytest.approx(0.125, abs=1e-4)
    assert result.effective / n == pytest.approx(np.exp(-0.25), abs=5e-4)
    assert result.weights @ x == pytest.approx(0.5, abs=1e-9)


def test_one_probability_scales_both_groups():
    hit = np.arange(1000) < 200
    result = tilt(hit[:, None].astype(float), [0.5])
    assert result.weights[hit] == pytest.approx(0.5 / 200) and result.weights[~hit] == pytest.approx(0.5 / 800)
    assert result.divergence == pytest.approx(0.5 * np.log(2.5) + 0.5 * np.log(0.625))


def test_weights_are_those_with_the_least_change():
    generator = np.random.default_rng(5)
    features = generator.normal(size=(12, 2))
    targets = features.mean(axis=0) + np.array([0.2, -0.1])
    result = tilt(features, targets)
    constraints = [
        {"type": "eq", "fun": lambda w: w.sum() - 1.0},
        {"type": "eq", "fun": lambda w: w @ features - targets},
    ]
    direct = minimize(
        lambda w: np.sum(w * np.log(np.maximum(w, 1e-12) * 12)), np.full(12, 1 / 12), constraints=constraints,
        bounds=[(0, 1)] * 12, method="SLSQP", options={"ftol": 1e-14, "maxiter": 500},
    )  # fmt: skip
    assert result.weights == pytest.approx(direct.x, abs=1e-5)


def test_an_inequality_that_holds_changes_nothing():
    x = np.linspace(0.0, 1.0, 501)[:, None]
    assert tilt(x, [0.4], [">="]).divergence == pytest.approx(0.0, abs=1e-12)
    assert tilt(x, [0.6], [">="]).weights @ x[:, 0] == pytest.approx(0.6, abs=1e-8)


def test_impossible_targets_are_named():
    x = np.linspace(0.0, 1.0, 101)[:, None]
    with pytest.raises(InfeasibleError) as alone:
        tilt(x, [1.2])
    assert alone.value.place == 0
    with pytest.raises(InfeasibleError) as together:
        tilt(np.column_stack([x, x]), [0.3, 0.6])
    assert together.value.place is None


def test_weighted_quantiles_of_equal_weights_are_hazen_s():
    values = np.random.default_rng(1).normal(size=200)
    own = weighted_quantiles(values, np.full(200, 1 / 200), [0.1, 0.5, 0.9])
    assert own == pytest.approx(np.quantile(values, [0.1, 0.5, 0.9], method="hazen"))


def test_views_are_met_and_the_rest_moves_with_them(compared: list[detente.Run], tmp_path: Path):
    run = compared[0]
    result = viewed(
        run,
        f'[[view]]\nprobability = "{CEASEFIRE[2:-1]}"\nis = 0.3\n'
        '[[view]]\nmean = "Price|Oil|Brent in 2027-06"\nis = 88\n',
        tmp_path,
    )
    assert result.ask(CEASEFIRE).value == pytest.approx(0.3, abs=1e-8)
    assert result.ask("E(Price|Oil|Brent in 2027-06)").value == pytest.approx(88.0, abs=1e-6)
    assert result.ask("P(ceasefire)").value > run.ask("P(ceasefire)").value
    assert result.weights.sum() == pytest.approx(1.0) and result.effective > FEWEST
    assert all(target.achieved == pytest.approx(target.target, abs=1e-6) for target in result.targets())


def test_a_quantile_is_moved_to_its_view(compared: list[detente.Run], tmp_path: Path):
    result = viewed(compared[0], '[[view]]\nquantile = 0.9\nof = "TTF in 2027-06"\nis = 70\n', tmp_path)
    assert result.ask("P(TTF <= 70 in 2027-06)").value == pytest.approx(0.9, abs=1e-8)
    assert result.ask("Q(0.9, TTF in 2027-06)").value == pytest.approx(70.0, rel=0.05)


def test_no_view_in_effect_is_the_run(compared: list[detente.Run], tmp_path: Path):
    run = compared[0]
    result = viewed(run, '[[view]]\nprobability = "ceasefire"\nat_least = 0\n', tmp_path)
    assert result.divergence == pytest.approx(0.0, abs=1e-12)
    for question in (CEASEFIRE, "E(months to US relief | US relief)"):
        assert result.ask(question).value == pytest.approx(run.ask(question).value, rel=1e-9)
        assert result.ask(question).mc_error == pytest.approx(run.ask(question).mc_error, rel=0.2)


def test_a_pinned_event_leaves_only_the_simulations_that_agree(compared: list[detente.Run], tmp_path: Path):
    run = compared[0]
    result = viewed(run, '[[view]]\nprobability = "US relief by 2026"\nis = 1\n', tmp_path)
    assert result.ask("P(US relief by 2026)").value == pytest.approx(1.0)
    own = run.ask("P(ceasefire | US relief by 2026)").value
    assert result.ask("P(ceasefire)").value == pytest.approx(own, rel=1e-9)
    share = run.ask("P(US relief by 2026)").value
    assert result.divergence == pytest.approx(-np.log(share), rel=1e-9)


def test_what_a_view_fixes_has_no_error_and_the_rest_that_of_its_groups(compared: list[detente.Run]):
    run = compared[0]
    result = run.view({CEASEFIRE: 0.3})
    assert result.ask(CEASEFIRE).mc_error < 1e-12
    hit = run.events()["conflict.first_ceasefire"].to_numpy(float, na_value=np.inf) <= 10.0
    tight = np.isfinite(run.events()["sanctions.first_tightening"].to_numpy(float, na_value=np.inf))
    parts = [(0.3, tight[hit]), (0.7, tight[~hit])]
    independent = np.sqrt(sum(w**2 * x.mean() * (1.0 - x.mean()) / x.size for w, x in parts))
    assert 0.4 * independent < result.ask("P(tightening)").mc_error < 1.3 * independent


@pytest.mark.parametrize("condition", ["ceasefire", "US relief by 2027-03", "Price|Oil|Brent > 80 at 2027-06"])
def test_probabilities_obey_their_laws_under_views(compared: list[detente.Run], condition: str):
    result = compared[0].view({CEASEFIRE: 0.35})
    p = result.ask(f"P({condition})").value
    assert p + result.ask(f"P(NOT ({condition}))").value == pytest.approx(1.0)
    both = result.ask(f"P({condition} AND tightening)").value
    other = result.ask(
        "P(tightening)" if "Price" not in condition else f"P(tightening | {condition} OR NOT ({condition}))"
    )
    given = result.ask(f"P({condition} | tightening)").value
    assert both == pytest.approx(given * other.value, rel=1e-9)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('[[view]]\nprobability = "ceasefire"\nis = 1.5\n', "between 0 and 1"),
        ('[[view]]\nprobability = "ceasefire"\n', "one of is, at_least and at_most"),
        ('[[view]]\nmean = "Price|Oil|Brent in 2027-06"\nis = 1000\n', "reach from"),
        ('[[view]]\nmean = "Price|Oil|Brnt in 2027-06"\nis = 80\n', "Brent"),
        (
            '[[view]]\nprobability = "ceasefire"\nis = 0.2\n[[view]]\nprobability = "NOT ceasefire"\nis = 0.3\n',
            "contradict",
        ),
        ('[[view]]\nmean = "Price|Oil|Brent in 2027-06"\nis = 250\n', "effective"),
    ],
)
def test_a_view_that_cannot_be_is_refused_in_words(
    compared: list[detente.Run], tmp_path: Path, toml: str, message: str
):
    with pytest.raises(ConfigError, match=message):
        viewed(compared[0], toml, tmp_path)


def test_a_key_that_is_no_measure_is_refused():
    with pytest.raises(ConfigError, match="write P"):
        views_of({"ceasefire": 0.4})


def test_the_command_shows_targets_and_outputs(compared: list[detente.Run], tmp_path: Path):
    file = tmp_path / "views.toml"
    file.write_text('schema_version = 1\n[[view]]\nprobability = "ceasefire before 2027-07"\nis = 0.4\n')
    result = CliRunner().invoke(application, ["view", str(compared[0].folder), str(file)])
    assert result.exit_code == 0 and "Brent" in result.stdout and "effective simulations" in result.output, (
        result.output
    )
    asked = CliRunner().invoke(application, ["view", str(compared[0].folder), str(file), "--ask", CEASEFIRE])
    assert f"{CEASEFIRE}: 40" in asked.stdout
