"""Thousands of generated scenario files: a sound one loads and comes back from its effective form; any other is refused
with one sentence.

``DETENTE_CONFIGURATIONS`` sets how many (1,200 by default, a quarter of a minute; 20,000 take five minutes).
"""

import datetime as dt
import os
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from detente.cli import application
from detente.config.loader import Config, load, load_effective
from detente.config.schema import Record
from detente.config.vocabulary import InstrumentState, pinned_states
from detente.config.writing import dump_key, dump_value
from detente.shared.errors import ConfigError, DataError
from detente.shared.paths import shipped_configs
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

SMALL = Path(__file__).parents[1] / "model" / "small_configs"
NUMBER = int(os.environ.get("DETENTE_CONFIGURATIONS", "1200"))
QUICK = [
    HealthCheck.function_scoped_fixture,
    HealthCheck.too_slow,
    HealthCheck.large_base_example,
    HealthCheck.data_too_large,
]


ODD = [
    "nan",
    "1e400",
    "-1",
    "0",
    "1e-320",
    "99999999999999999999",
    "true",
    '""',
    "[]",
    "{}",
    "[[]]",
    "{ a = 1 }",
    "2026-02-30",
    "2026-01-01",
    "07:32:00",
]
ODD += [
    '"=1+1"',
    '"../../etc/passwd"',
    '"\\u0000"',
    '"\\u202e"',
    "'''x'''",
    "[1, 'a', {b = 2}]",
    '"<script>"',
    "inf",
    "0x10",
    "1_000",
    '"' + "x" * 5000 + '"',
]
PIECES = [
    "=",
    '"',
    "'",
    "[",
    "]",
    "{",
    "}",
    "\n",
    "-",
    ".",
    ",",
    "#",
    "0",
    "x",
    "[[event]]",
    "\\",
    "é",
    "\x00",
    "\t",
    "\r",
    '"""',
    "[a." * 20,
    "\ufeff",
    "\x1b[31m",
]
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=30).filter(
    lambda text: bool(text.strip())
)


def dists(low: float, high: float) -> SearchStrategy[dict[str, Any]]:
    """Distributions that agree with a value taken from themselves, between two bounds."""
    inner = (
        st.floats(low, high, allow_subnormal=False)
        .map(lambda value: round(value, 6))
        .filter(lambda value: low <= value <= high)
    )
    pairs = st.tuples(inner, inner).map(sorted).filter(lambda pair: pair[1] - pair[0] > 1e-3)
    return st.one_of(
        pairs.map(lambda pair: {"kind": "uniform", "min": pair[0], "max": pair[1]}),
        pairs.map(lambda pair: {"kind": "triangular", "min": pair[0], "mode": (pair[0] + pair[1]) / 2, "max": pair[1]}),
        pairs.map(
            lambda pair: {
                "kind": "quantiles",
                "p5": pair[0],
                "p95": pair[1],
                "family": "normal",
                "truncate": [low, high],
            }
        ),
        st.lists(inner, min_size=1, max_size=4).map(lambda values: {"kind": "empirical", "values": values}),
    )


@lru_cache
def _among(values: tuple[str, ...]) -> SearchStrategy[str]:
    return st.sampled_from(values)


def _change(record: Record) -> SearchStrategy[dict[str, Any]]:
    """A sound overlay of a record: a value, a distribution, or words alone."""
    words = st.fixed_dictionaries(
        {}, optional={"doc": WORDS, "source": WORDS, "confidence": st.sampled_from(["V", "D/J"])}
    )
    if isinstance(record.value, bool):
        values: SearchStrategy[dict[str, Any]] = st.booleans().map(lambda value: {"value": value})
    elif isinstance(record.value, str):
        values = st.sampled_from(record.choices or (record.value,)).map(lambda value: {"value": value})
    else:
        low, high = record.bounds or (0.0, 1.0)
        values = st.floats(low, high).map(lambda value: {"value": value})
        if record.kind not in ("policy", "constant") and high > low:
            values |= dists(low, high).map(lambda dist: {"dist": dist})
    reasons = st.tuples(values, WORDS, words).map(lambda parts: parts[2] | {"source": parts[1]} | parts[0])
    return reasons | words


STAGE_NAMES = st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,12}", fullmatch=True), unique=True, max_size=3)
GATES = st.fixed_dictionaries(
    {}, optional={"ceasefire_months": st.integers(0, 24), "verified_withdrawal": st.booleans()}
)
LAGS = st.integers(0, 400)
HEADS = st.fixed_dictionaries(
    {"schema_version": st.just(1)},
    optional={"name": st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True), "title": WORDS, "description": WORDS},
)
SIZES = st.fixed_dictionaries(
    {},
    optional={
        "paths": st.integers(1, 10**9),
        "horizon": st.integers(1, 240),
        "step": st.sampled_from(["month", "week"]),
        "seed": st.integers(0, 2**63 - 1),
    },
)
COMPARED = st.sampled_from([[], ["no-relief"], ["baseline", "no-relief"]])
DAYS = st.lists(st.integers(1, 28 * 240 - 1), unique=True, max_size=3)


class Tree:
    """What can be said over a configuration tree, from its baseline; strategies are made once, which takes longer
    than drawing from them."""

    def __init__(self, baseline: Config) -> None:
        self.baseline = baseline
        self.states = {
            f"sanctions.{instrument.key}": tuple(InstrumentState) for instrument in baseline.instruments
        } | pinned_states()
        self.pinned = st.lists(st.sampled_from(sorted(self.states)), unique=True, min_size=1, max_size=2)
        self.eased = st.lists(st.sampled_from(baseline.instruments), unique_by=lambda one: one.key, max_size=3)
        records = {
            f"parameters.{key}": one
            for key, one in baseline.parameters.items()
            if getattr(one.dist, "kind", None) != "joint"
        }
        records |= {f"facts.{key}": one for key, one in baseline.facts.items()}
        self.changes = {key: _change(record) for key, record in records.items()}
        self.changed = st.lists(st.sampled_from(sorted(records)), unique=True, max_size=6)

    def roadmap(self, draw: DrawFn) -> list[dict[str, Any]]:
        stages = []
        for name in draw(STAGE_NAMES):
            eased: dict[str, list[str]] = {}
            for instrument in draw(self.eased):
                eased.setdefault(instrument.sender, []).append(instrument.name)
            stages.append({"name": name, "gate": draw(GATES), "eases": eased, "lag_days": draw(LAGS)})
        return stages

    def events(self, draw: DrawFn, horizon: int) -> list[dict[str, Any]]:
        """Dated events within a horizon that do not contradict one another."""
        days = sorted({1 + day % (28 * horizon - 1) for day in draw(DAYS)})
        pins = [{key: draw(_among(self.states[key])) for key in draw(self.pinned)} for _ in days]
        return [
            {"date": self.baseline.as_of + dt.timedelta(days=day), "set": pin}
            for day, pin in zip(days, pins, strict=True)
        ]


@st.composite
def sound(draw: DrawFn, tree: Tree) -> str:
    """A sound scenario over a tree."""
    run = draw(SIZES)
    tables: dict[str, Any] = {"run": run}
    if draw(st.booleans()):
        tables |= {"conflict": {"feedback": draw(st.booleans())}, "report": {"compare": draw(COMPARED)}}
    if draw(st.booleans()):
        tables["roadmap"] = {"stage": tree.roadmap(draw)}
    tables |= {key: draw(tree.changes[key]) for key in draw(tree.changed)}
    lines = [f"{key} = {dump_value(value)}" for key, value in draw(HEADS).items()]
    for name, table in tables.items():
        lines += [f"[{name}]", *(f"{dump_key(key)} = {dump_value(value)}" for key, value in table.items())]
    for event in tree.events(draw, run.get("horizon", tree.baseline.run.horizon)):
        lines += ["[[event]]", *(f"{key} = {dump_value(value)}" for key, value in event.items())]
    return "\n".join(lines) + "\n"


@st.composite
def mutated(draw: DrawFn, texts: SearchStrategy[str]) -> str:
    """A sound scenario after one to three accidents."""
    text = draw(texts)
    for _ in range(draw(st.integers(1, 3))):
        text = _mutate(draw, text)
    return text


def _mutate(draw: DrawFn, text: str) -> str:
    lines = text.split("\n")
    at = draw(st.integers(0, len(lines) - 1))
    what = draw(st.integers(0, 7))
    if what == 0:
        del lines[at]
    elif what == 1:
        lines.insert(at, lines[draw(st.integers(0, len(lines) - 1))])
    elif what == 2:
        other = draw(st.integers(0, len(lines) - 1))
        lines[at], lines[other] = lines[other], lines[at]
    elif what == 3:
        key, equals, _ = lines[at].partition(" = ")
        lines[at] = f"{key}{equals or ' = '}{draw(st.sampled_from(ODD))}"
    elif what == 4:
        key, equals, value = lines[at].partition(" = ")
        place = draw(st.integers(0, len(key)))
        lines[at] = f"{key[:place]}{draw(st.sampled_from(PIECES))}{key[place:]}{equals}{value}"
    elif what == 5:
        place = draw(st.integers(0, len(text)))
        return (
            text[:place]
            + draw(st.sampled_from(PIECES) | st.text(max_size=4))
            + text[place + draw(st.integers(0, 12)) :]
        )
    elif what == 6:
        return text[: draw(st.integers(0, len(text)))]
    else:
        lines.insert(
            at,
            draw(
                st.sampled_from(
                    [
                        "[parameters]",
                        "effective = true",
                        'extends = "../x.toml"',
                        "as_of = 2025-03-31",
                        "[x]",
                        "[[run]]",
                        "= 1",
                    ]
                )
            ),
        )
    return "\n".join(lines)


SOUND, SHIPPED = (sound(Tree(load("baseline", configs=configs))) for configs in (SMALL, shipped_configs()))


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
    return path


def comes_back(config: Config) -> None:
    again = load_effective(config.to_toml(), "again.toml")
    assert again == config and again.digest() == config.digest()


def is_sentence(text: str) -> bool:
    return text.isprintable() and text.endswith(".") and "mine.toml" in text and len(text) < 2_000


@settings(max_examples=NUMBER // 2, deadline=None, suppress_health_check=QUICK, derandomize=True, database=None)
@given(text=SOUND)
def test_sound_scenarios_load_and_come_back(tmp_path: Path, text: str) -> None:
    comes_back(load(written(tmp_path, text), configs=SMALL))


def test_mutated_scenarios_load_or_are_refused_with_a_sentence(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()

    @settings(
        max_examples=NUMBER - NUMBER // 2, deadline=None, suppress_health_check=QUICK, derandomize=True, database=None
    )
    @given(text=mutated(SOUND))
    def attempt(text: str) -> None:
        try:
            config = load(written(tmp_path, text), configs=SMALL)
        except (ConfigError, DataError) as error:
            assert is_sentence(str(error)), str(error)
            seen["refused"] += 1
        else:
            comes_back(config)
            seen["sound"] += 1

    attempt()
    print(dict(seen))
    assert min(seen["refused"], seen["sound"]) > NUMBER // 50


@settings(
    max_examples=max(NUMBER // 200, 10), deadline=None, suppress_health_check=QUICK, derandomize=True, database=None
)
@given(text=SHIPPED)
def test_sound_scenarios_over_the_shipped_configuration(tmp_path: Path, text: str) -> None:
    try:
        config = load(written(tmp_path, text))
    except ConfigError as error:
        # Valid one by one and not jointly: shares, capacities and balances of several records.
        assume("together" not in str(error))
        raise
    comes_back(config)


@settings(
    max_examples=max(NUMBER // 100, 20), deadline=None, suppress_health_check=QUICK, derandomize=True, database=None
)
@given(text=mutated(SHIPPED) | SHIPPED)
def test_validate_says_sound_or_why_not(tmp_path: Path, text: str) -> None:
    result = CliRunner().invoke(application, ["validate", str(written(tmp_path, text))])
    assert result.exit_code in (0, 2, 4), result.output
    assert "Traceback" not in result.output and "unexpected" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.exit_code == 0 or len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# " + "x" * 100_000_000, "larger than 1 MB"),
        ("\n".join(f"[t{i}]" for i in range(10_000)), "unknown key"),
        ("".join(f"[t{'.a' * 5}.k{i}]\n" for i in range(10_000)), "unknown key"),
        ("[" + ".".join(["t"] * 10_000) + "]", "nested more than 16 levels deep"),
        ("x = " + "{ t = " * 10_000 + "1" + " }" * 10_000, "nested more than 16 levels deep"),
        ("x = " + "[" * 10_000 + "]" * 10_000, "nested more than 16 levels deep"),
        ("k" * 900_000 + " = 1", "unknown key"),
        ('"' + "\\u001b" * 100_000 + '" = 1', "unknown key"),
        ("title = '" + "t" * 900_000 + "'", "must have 200 characters at most"),
        ("\n".join(f"k{i} = {i}" for i in range(60_000)), "unknown key"),
        ("[run]\npaths = " + "9" * 100_000, "a number or a nesting of an unreasonable size"),
        (
            "[parameters.oil]\n" + "\n".join(f"k{i} = {{ value = 1.0, source = 'x' }}" for i in range(20_000)),
            "unknown parameter",
        ),
        ("event = [" + "{ date = 2026-10-01, set = { 'gulf.state' = 'open' } }, " * 15_000 + "]", ""),
    ],
    ids=lambda value: "" if len(value) > 50 else value,
)
def test_enormous_files_are_refused_in_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, "schema_version = 1\n" + text + "\n")
    try:
        config = load(path, configs=SMALL)
    except (ConfigError, DataError) as error:
        assert said and said in str(error) and is_sentence(str(error)), str(error)[:500]
    else:
        assert not said and len(config.events) == 2
