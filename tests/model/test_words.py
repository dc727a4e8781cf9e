"""Calibrated words, percentages, and digits that the simulation knows."""

import datetime as dt
import math

import pytest
from detente.shared import formatting
from hypothesis import given
from hypothesis import strategies as st

probability = st.floats(0.0, 1.0)


def test_the_scale_covers_every_whole_per_cent_once():
    lows = [band.low for band in formatting.SCALE]
    assert lows == sorted(lows, reverse=True) and lows[-1] == 0
    assert len({band.word for band in formatting.SCALE}) == len(formatting.SCALE)
    assert "IPCC" in formatting.SCALE_SOURCE


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0, "0%"),
        (1e-6, "<1%"),
        (0.0049, "<1%"),
        (0.005, "1%"),
        (0.445, "45%"),
        (0.994, "99%"),
        (0.995, ">99%"),
        (1.0 - 1e-9, ">99%"),
        (1.0, "100%"),
    ],
)
def test_percent(p: float, text: str):
    assert formatting.percent(p) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.18, "unlikely (18%)"),
        (0.44, "about as likely as not (44%)"),
        (0.656, "likely (66%)"),
        (0.8949, "likely (89%)"),
        (0.895, "very likely (90%)"),
        (0.003, "exceptionally unlikely (<1%)"),
        (0.99, "virtually certain (99%)"),
        (0.0, "on no path (0%)"),
        (1.0, "on every path (100%)"),
    ],
)
def test_calibrated(p: float, text: str):
    assert formatting.calibrated(p) == text


@given(probability)
def test_word_and_number_never_disagree(p: float):
    shown = formatting.percent(p)
    whole = 0 if shown == "<1%" else 100 if shown == ">99%" else int(shown.rstrip("%"))
    band = next(band for band in formatting.SCALE if whole >= band.low)
    assert formatting.likelihood(p) == band.word


@pytest.mark.parametrize(
    ("value", "error", "finest", "text"),
    [
        (18.29, 0.03, 0.01, "18.3"),
        (70.56, 0.24, 0.01, "71"),
        (243.9, 1.6, 0.01, "244"),
        (474.0, 8.2, 0.01, "470"),
        (474.0, 12.0, 0.01, "480"),
        (3.547, 0.033, 0.1, "3.5"),
        (-0.192, 0.005, 0.1, "\u22120.2"),
        (-0.001, 0.005, 0.01, "0.00"),
        (12345.6, 0.0, 1.0, "12,346"),
        (7.1234, 0.0, 0.01, "7.12"),
        (5.0, math.nan, 0.1, "5.0"),
    ],
)
def test_rounded(value: float, error: float, finest: float, text: str):
    assert formatting.rounded(value, error, finest) == text


@given(st.floats(-1e6, 1e6), st.floats(0.0, 1e4), st.sampled_from([0.01, 0.1, 1.0]))
def test_rounding_stays_within_half_a_step_and_no_step_is_finer_than_the_error(
    value: float, error: float, finest: float
):
    step = formatting.rounding_step(error, finest)
    assert step >= max(error, finest) * (1.0 - 1e-9)
    assert step <= 10.0 * max(error, finest) * (1.0 + 1e-9)
    shown = float(formatting.rounded(value, error, finest).replace(",", "").replace(formatting.MINUS, "-"))
    assert abs(shown - value) <= 0.5 * step + 1e-6 * abs(value) + 1e-9
    assert not formatting.rounded(value, error, finest).startswith("-")


def test_a_span_shows_each_end_to_its_digits_and_the_upper_never_finer():
    assert formatting.span(1.21, 19.7, (0.01, 0.4)) == "1.21 to 20"
    assert formatting.span(5.94, 7.463, (0.05, 0.003)) == "5.9 to 7.5"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.00543, 3, "0.00543"),
        (14.0, 3, "14"),
        (66536.0, 3, "66,500"),
        (-4.865, 3, "\u22124.87"),
        (0.0, 3, "0"),
        (95.29, 2, "95"),
        (98.6, 1, "100"),
        (99.7, 2, "100"),
        (5.4e-6, 2, "0.0000054"),
        (-1e-5, 3, "\u22120.00001"),
    ],
)
def test_plain(value: float, digits: int, text: str):
    assert formatting.plain(value, digits) == text


def test_units_read_as_words():
    assert formatting.quantity("0.02", "1/month") == "0.02\u00a0a month"
    assert formatting.quantity("14", "USD/bbl") == "14\u00a0USD/bbl"
    assert formatting.quantity("0.5", "1") == "0.5"


def test_dates_in_words():
    date = dt.date(2029, 8, 1)
    assert (formatting.day(date), formatting.month(date), formatting.short_month(date)) == (
        "1\u00a0August\u00a02029",
        "August\u00a02029",
        "Aug 2029",
    )
    assert formatting.months(1) == "1\u00a0month"


def test_durations_keep_their_number_small():
    assert [formatting.duration(seconds) for seconds in (45.2, 720.0, 12600.0)] == [
        "45 seconds",
        "12 minutes",
        "3.5 hours",
    ]


def test_sentences_are_joined():
    assert formatting.join(["a"]) == "a"
    assert formatting.join(["a", "", "b", "c"]) == "a, b and c"
    assert formatting.listed(["a", "b", "c", "d", "e", "f"]) == "a, b, c, d, e and f"
    assert formatting.listed(["a", "b", "c", "d", "e", "f", "g"]) == "a, b, c, d and 3 more"
    assert formatting.sentence("the end") == "The end."
    assert formatting.sentence("It is so.") == "It is so."
    assert formatting.plural(1, "path") == "1 path" and formatting.plural(2048, "path") == "2,048 paths"


def test_a_record_is_called_by_its_own_words():
    doc = "Half-life of\n  the rest, as workarounds form; larger means that pain lasts longer."
    assert formatting.headline(doc) == "Half-life of the rest, as workarounds form"
    assert formatting.inside("Half-life of the rest") == "half-life of the rest"
    assert formatting.inside("Brent less Urals") == "Brent less Urals"
    assert formatting.inside("EU imports") == "EU imports"
    assert formatting.key_in_words("oil.urals_discount_blocking") == "Urals discount blocking"


@pytest.mark.parametrize(
    ("text", "unit", "shown"),
    [
        ("5.2", "bn USD", "USD\u00a05.2bn"),
        ("5", "bn USD a year", "USD\u00a05bn a year"),
        ("0 to 20", "bn USD/year", "USD\u00a00 to 20bn a year"),
        ("19.5", "bn USD/month", "USD\u00a019.5bn a month"),
        ("3.1", "trn RUB/y", "RUB\u00a03.1trn a year"),
        ("1.7", "EUR/MWh", "1.7\u00a0EUR/MWh"),
    ],
)
def test_money_is_written_with_its_currency_first(text: str, unit: str, shown: str):
    assert formatting.quantity(text, unit) == shown
