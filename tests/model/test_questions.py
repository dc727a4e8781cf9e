"""Questions to a run: answers equal those of pandas on the run's tables, and errors mark their position."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from detente.config import loader
from detente.questions import Asker, QuestionError, estimators, names, parse
from detente.questions.errors import pointed
from detente.questions.names import ROUTES, Names
from detente.runs.run import Run
from detente.shared.errors import ConfigError, DetenteError
from hypothesis import given, settings
from hypothesis import strategies as st

Ask = Callable[[str], float]


@pytest.fixture(scope="module")
def run(compared: list[Run]) -> Run:
    return compared[0]


@pytest.fixture(scope="module")
def ask(run: Run) -> Ask:
    asker = Asker(run, run.beside, names(run.config))
    return lambda question: asker.ask(question).value


@pytest.fixture(scope="module")
def known() -> Names:
    return names(loader.load("baseline"))


def column(run: Run, name: str) -> pd.Series:
    return run.events()[name].astype(float)


def series(run: Run, name: str) -> pd.DataFrame:
    """A variable on the kept paths: a row a path, a column a month."""
    return run.kept_paths().pivot(index="path", columns="time", values=name).astype(float)


# --- Exact against the run's own tables -------------------------------------------------------------------------------


def test_event_dates_and_totals_cover_all_paths(run: Run, ask: Ask) -> None:
    ceasefire, relief = column(run, "conflict.first_ceasefire"), column(run, "sanctions.first_US_relief")
    assert ask("P(ceasefire within 6 months)") == pytest.approx((ceasefire <= 6).mean(), abs=1e-12)
    assert ask("P(ceasefire before 2027-03)") == pytest.approx((ceasefire <= 6).mean(), abs=1e-12)
    assert ask("P(ceasefire by 2027-02)") == ask("P(ceasefire before 2027-03)")
    assert ask("P(ceasefire from 2026-11 to 2027-01)") == pytest.approx(
        ((ceasefire > 2) & (ceasefire <= 5)).mean(), abs=1e-12
    )
    assert ask("P(US relief before ceasefire)") == pytest.approx((relief < ceasefire.fillna(np.inf)).mean(), abs=1e-12)
    later = relief - ceasefire
    assert ask("P(US relief within 2 months of ceasefire | ceasefire)") == pytest.approx(
        ((later >= 0) & (later <= 2))[ceasefire.notna()].mean(), abs=1e-12
    )
    assert ask("E(Total|Oil|Value)") == pytest.approx(column(run, "oil.total_revenue").mean(), rel=1e-6)
    assert ask("Q(0.3, Total|Oil|Value)") == pytest.approx(column(run, "oil.total_revenue").quantile(0.3), rel=1e-6)
    assert ask("P(NOT ceasefire OR Total|Oil|Value > 150)") == pytest.approx(
        (ceasefire.isna() | (column(run, "oil.total_revenue") > 150)).mean(), abs=1e-12
    )


def test_routes_and_waiting_times(run: Run, ask: Ask) -> None:
    route, relief = column(run, "sanctions.first_US_relief_route"), column(run, "sanctions.first_US_relief")
    for name, code in ROUTES.items():
        assert ask(f"P(US relief|Route = {name} | US relief)") == pytest.approx(
            (route[relief.notna()] == code).mean(), abs=1e-12
        )
    assert ask("E(months to US relief | US relief)") == pytest.approx(relief.mean(), rel=1e-6)
    assert ask("Q(0.1, months to US relief)") == pytest.approx(
        np.quantile(relief.fillna(np.inf), 0.1, method="inverted_cdf")
    )


def test_the_summary_answers_where_it_can(run: Run, ask: Ask) -> None:
    fan = run.fan("Price|Oil|Brent")
    month = pd.Timestamp("2027-02-01")
    asker = Asker(run, run.beside, names(run.config))
    for question, statistic in (
        ("E(Price|Oil|Brent at 2027-02)", "mean"),
        ("Q(5%, Price|Oil|Brent at 2027-02)", "q05"),
        ("P(Price|Oil|Brent > 80 at 2027-02)", "p_above_80"),
    ):
        answer = asker.ask(question)
        assert (
            answer.value == fan.loc[month, statistic]
            and answer.source == "summary of all paths"
            and answer.paths == run.paths
        )
    assert asker.ask("E(Price|Oil|Brent at 2027-02)").mc_error == fan.loc[month, "mc_error"]
    assert ask("P(Price|Oil|Brent < 80 at 2027-02)") == pytest.approx(1 - fan.loc[month, "p_above_80"], abs=1e-12)
    assert ask("E(Price|Oil|Brent over 6 months)") == pytest.approx(fan["mean"].iloc[:6].mean())
    assert ask("E(sum(Trade|Oil|Value over 12 months))") == pytest.approx(
        column(run, "oil.total_revenue").mean(), rel=1e-4
    )
    assert ask("E(share(Price|Oil|Brent > 80 over 12 months))") == pytest.approx(fan["p_above_80"].mean())


def test_kept_paths_answer_other_questions(run: Run, ask: Ask) -> None:
    brent, urals = series(run, "World|Price|Oil|Brent"), series(run, "Russian Federation|Price|Oil|Urals|FOB")
    ceasefire = column(run, "conflict.first_ceasefire")[: len(brent)]
    assert ask("P(Price|Oil|Brent > 83 at 2027-02)") == pytest.approx((brent.iloc[:, 5] > 83).mean())
    assert ask("P(max(Brent over 12 months) > 100)") == pytest.approx((brent.max(axis=1) > 100).mean())
    assert ask("P(min(Brent - Price|Oil|Urals|FOB over 12 months) > 10)") == pytest.approx(
        ((brent - urals).min(axis=1) > 10).mean()
    )
    assert ask("P(10 < Brent - Price|Oil|Urals|FOB <= 20 at month 3)") == pytest.approx(
        (brent - urals).iloc[:, 2].between(10, 20, inclusive="right").mean()
    )
    given_peace = (brent.iloc[:, 11] < 80)[(ceasefire <= 8).to_numpy()]
    assert ask("P(Brent < 80 at month 12 | ceasefire within 8 months)") == pytest.approx(given_peace.mean())
    assert ask("E(sum(Brent / Price|Oil|Urals|FOB over 3 months))") == pytest.approx(
        (brent / urals).iloc[:, :3].sum(axis=1).mean(), rel=1e-5
    )


def test_two_runs_use_common_random_numbers(compared: list[Run], ask: Ask) -> None:
    first, second = (column(run, "oil.total_revenue") for run in compared)
    assert ask("E(Total|Oil|Value - Total|Oil|Value[no-relief])") == pytest.approx((first - second).mean(), rel=1e-6)
    assert ask("P(Total|Oil|Value > 1.02 * Total|Oil|Value[no-relief])") == pytest.approx(
        (first > 1.02 * second).mean(), abs=1e-12
    )
    asker = Asker(compared[0], compared[0].beside, names(compared[0].config))
    paired = asker.ask("E(Total|Oil|Value[baseline] - Total|Oil|Value[no-relief])")
    apart = asker.ask("E(Total|Oil|Value)").mc_error + asker.ask("E(Total|Oil|Value[no-relief])").mc_error
    assert paired.mc_error < 0.5 * apart
    assert set(paired.runs.values()) == {run.folder.name for run in compared}


def test_parameters_have_their_simulated_values(run: Run, ask: Ask) -> None:
    from detente.engine.sampling import draws

    rate = draws(run.config, run.paths)["conflict.ceasefire_rate"]
    third = rate > np.quantile(rate, 2 / 3)
    ceasefire = column(run, "conflict.first_ceasefire").notna().to_numpy()
    assert ask("P(ceasefire | rank(conflict.ceasefire_rate) > 2/3)") == pytest.approx(ceasefire[third].mean(), abs=2e-3)
    assert ask("E(conflict.ceasefire_rate)") == pytest.approx(rate.mean())
    assert ask("P(ceasefire | rank(conflict.ceasefire_rate) > 2/3)") > ask(
        "P(ceasefire | rank(conflict.ceasefire_rate) < 1/3)"
    )


def test_arithmetic_of_answers_and_its_error(run: Run) -> None:
    asker = Asker(run, run.beside, names(run.config))
    total, part = asker.ask("P(ceasefire)"), asker.ask("P(ceasefire within 6 months)")
    ratio = asker.ask("P(ceasefire within 6 months) / P(ceasefire)")
    conditional = asker.ask("P(ceasefire within 6 months | ceasefire)")
    assert ratio.value == pytest.approx(part.value / total.value) == pytest.approx(conditional.value)
    assert ratio.mc_error == pytest.approx(conditional.mc_error, rel=0.05)
    assert asker.ask("100 * P(ceasefire)").mc_error == pytest.approx(100 * total.mc_error)
    assert asker.ask("P(ceasefire) - P(ceasefire)").mc_error == 0.0


def test_precedence_and_spelling(ask: Ask) -> None:
    assert ask("P(ceasefire OR relapse AND settlement)") == ask("P(ceasefire OR (relapse AND settlement))")
    assert ask("P(not ceasefire and not us relief)") == ask("P(NOT ceasefire AND NOT US relief)")
    assert ask("E(2 + 3 * 2 ^ 2)") == 14.0
    assert (
        ask("P(Event|First ceasefire before 2027-03)")
        == ask("P(conflict.first_ceasefire before 2027-03 | 1 < 2)")
        == ask("P(ceasefire before 2027-03)")
    )
    assert ask("E(TTF at 2027-02)") == ask("E(European Union|Price|Natural Gas|TTF at 2027-02)")
    assert ask("P(Brent > 80 at 2027-02|ceasefire)") == ask("P(Brent > 80 at 2027-02 given ceasefire)")


# --- Monte Carlo error ------------------------------------------------------------------------------------------------


def test_error_of_a_share_is_near_the_binomial_one(run: Run) -> None:
    answer = Asker(run, run.beside, names(run.config)).ask("P(US relief within 6 months)")
    binomial = np.sqrt(answer.value * (1 - answer.value) / run.paths)
    assert 0.4 * binomial < answer.mc_error < 1.6 * binomial


def test_jackknife_of_independent_numbers_has_their_error() -> None:
    rng = np.random.default_rng(4)
    sample = estimators.Sample(np.arange(1600), 1600)
    errors = [estimators.mean(rng.normal(size=1600), sample).error for _ in range(50)]
    assert np.mean(errors) == pytest.approx(1 / np.sqrt(1600), rel=0.03)


def test_unanimous_paths_still_have_an_error() -> None:
    estimate = estimators.mean(np.zeros(98, bool), estimators.Sample(np.arange(98), 98), share=True)
    assert estimate.value == 0.0 and estimate.error == pytest.approx(0.01)


# --- Errors mark their position --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "place", "message"),
    [
        ("P(Prise|Oil|Brent < 25 at 2027-02)", 2, "Price|Oil|Brent"),
        ("P(cease fire before 2027)", 2, "ceasefire"),
        ("P(ceasefire befor 2027)", 12, '"before"'),
        ("P(Brent > 80)", 2, "a date or period is missing"),
        ("P(War|Force > 600 at 2027-02)", 2, "Ukraine|War|Force"),
        ("P(Brent > Storage|Natural Gas|Fill at 2027-02)", 10, "does not match"),
        ("P(Brent > 80 at 2040)", 16, "the run covers"),
        ("P(ceasefire before", 18, "ends too early"),
        ("P(ceasefire within 60 months)", 2, "ends after 12 months"),
        ("P(Brent > 80 at 2027-13)", 16, "is not a date"),
        ("Q(2, Brent at 2027-02)", 2, "between 0 and 1"),
        ("Q(0.999999999, Brent at 2027-02)", 2, "it needs 5,000,000,000 paths"),
        ("Q(0.999999999, Total|Oil|Value)", 2, "it needs 5,000,000,000 paths"),
        ("P(ceasefire from 2027-01 to 2026-10)", 28, "ends before it starts"),
        ("E(mean(Brent over months 6 to 3))", 30, "ends before it starts"),
        ("P(Brent > 1e400 at 2027-02)", 10, "too large"),
        ("E(1e400)", 2, "too large"),
        ("P(median(Brent) > 80)", 2, "Q(0.5, …)"),
        ("E(months to ceasefire)", 0, "add a condition"),
        ("P(ceasefire | relapse AND NOT relapse)", 0, "meets the condition"),
        ("P(ceasefire) / (1 - 1)", 0, "not finite"),
        ("E(sum(Brent))", 2, "a period is missing"),
        ("E(Total|Oil|Value at 2027-02)", 21, "do not vary over time"),
        ("ceasefire before 2027", 0, "P(condition)"),
    ],
)
def test_errors_mark_their_position(run: Run, question: str, place: int, message: str) -> None:
    with pytest.raises(QuestionError) as caught:
        run.ask(question)
    assert message in str(caught.value) and caught.value.place == place
    assert str(caught.value).splitlines()[-1].index("^") == place + 2


def test_a_position_far_right_is_shown_with_its_context() -> None:
    shown, mark = pointed("x" * 300 + "HERE" + "y" * 300, 300).split("\n")
    assert shown[mark.index("^") :].startswith("HERE") and len(shown) < 110


def test_runs_that_do_not_pair_are_refused(run: Run, small_run: Run) -> None:
    asker = Asker(run, lambda name: small_run, names(run.config))
    with pytest.raises(ConfigError, match=r"differ in run\.horizon"):
        asker.ask("E(Total|Oil|Value - Total|Oil|Value[other])")
    with pytest.raises(DetenteError, match="detente run snap-back"):
        run.ask("E(Total|Oil|Value[snap-back])")


PIECES = (
    "P( E( Q(0.5, ( ) | + - * / ^ < > = , Brent ceasefire US~relief Total|Oil|Value at~2027-02 over~3~months "
    "before~2027 AND OR NOT sum( share( rank( [no-relief] 1/3 12 % within months of to deal US~relief|Route é 🙂"
)
WORDS = st.sampled_from([*(piece.replace("~", " ") for piece in PIECES.split()), "\x00", "\n"])


@settings(max_examples=150, deadline=None)
@given(text=st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=14).map(" ".join)))
def test_no_text_breaks_the_reader(known: Names, text: str) -> None:
    try:
        parse(text, known)
    except QuestionError as error:
        assert 0 <= error.place <= len(text)


@pytest.mark.parametrize(
    "text", ["(" * 500 + "1" + ")" * 500, "-" * 5000 + "1", "P(" + "NOT " * 900 + "ceasefire)", "1" + "^1" * 900]
)
def test_endless_questions_are_refused(known: Names, text: str) -> None:
    with pytest.raises(QuestionError, match="split"):
        parse(text, known)


def test_examples_of_the_documentation_can_be_read(known: Names) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "questions.md").read_text(encoding="utf-8")
    examples = [re.split(r"\s{3,}", line)[0] for line in page.splitlines() if re.match(r"[PEQ]\(", line)]
    assert len(examples) > 20
    for example in examples:
        parse(example, known)


def test_every_published_name_can_be_asked(known: Names) -> None:
    for spelling in known.spelling.values():
        assert known.pattern.match(spelling)[0] == spelling
        assert known.find(spelling) is not None
