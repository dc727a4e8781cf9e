"""The vocabulary agrees with the codes of the kernels, the configuration files and the schema."""

import ast
import subprocess
import sys
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import get_args

import pytest
from detente import trade
from detente.config import vocabulary
from detente.config.schema import Instrument, Stage
from detente.config.vocabulary import (
    BillState,
    Buyer,
    Channel,
    ConflictState,
    GasRoute,
    GulfState,
    InstrumentState,
    LossDefinition,
    LossSource,
    OilBuyer,
    Region,
    ReliefRoute,
    RouteState,
    Rule,
    Sender,
    TariffState,
)
from detente.shared.paths import shipped_configs
from detente_kernels import attrition, conflict, gulf, sanctions
from detente_kernels.gas import supply
from detente_kernels.oil import volumes
from detente_kernels.sanctions import channels, lifting, senders
from detente_kernels.tariffs import buyers, congress, status

MODEL = Path(vocabulary.__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (Sender, senders.SENDERS),
        (Channel, sanctions.CHANNELS),
        (Buyer, buyers.BUYERS),
        (Region, buyers.REGIONS),
        (GasRoute, supply.ROUTES),
    ],
)
def test_words_are_the_kernels_names_in_their_order(words: type[StrEnum], names: tuple[str, ...]) -> None:
    assert [str(word) for word in words] == list(names)


@pytest.mark.parametrize(
    ("words", "module", "constants", "first"),
    [
        (Rule, lifting, ("EXECUTIVE", "CODIFIED", "STATUTE", "UNANIMITY", "LAW", "CABINET"), 0),
        (InstrumentState, lifting, ("IN_FORCE", "LICENSED", "SUSPENDED", "LIFTED"), 0),
        (ReliefRoute, lifting, ("DEAL", "PRICE", "INITIATIVE", "LAPSE"), 1),
        (ConflictState, conflict, ("WAR", "TRUCE", "CEASEFIRE", "SETTLEMENT"), 0),
        (GulfState, gulf, ("OPEN", "DISRUPTED"), 0),
        (RouteState, supply, ("CLOSED", "OPEN"), 0),
        (BillState, congress, ("PENDING", "LAW", "DEAD"), 0),
        (TariffState, status, ("UNTOUCHED", "ORDERED", "WAIVED", "APPLIED"), 0),
        (LossSource, attrition, ("GENERAL_STAFF", "UK_MOD", "CSIS", "NAMED_DEAD"), 0),
        (LossDefinition, attrition, ("CASUALTIES", "KILLED"), 0),
        (Channel, channels, ("CRUDE_EU", "BLOCKING", "FLEET", "PAYMENT", "PIPELINE_GAS_EU", "LNG_EU", "TECHNOLOGY"), 0),
        (Buyer, buyers, ("CHINA", "INDIA", "TURKIYE", "EU", "BRAZIL", "JAPAN", "KOREA", "OTHER"), 0),
    ],
)
def test_words_are_the_kernels_codes_in_their_order(
    words: type[StrEnum], module: object, constants: tuple[str, ...], first: int
) -> None:
    assert [getattr(module, name) for name in constants] == list(range(first, first + len(words)))
    alike = {"TRUCE": "PARTIAL_TRUCE", "UNTOUCHED": "NONE", "CASUALTIES": "KILLED_AND_WOUNDED", "KILLED": "KILLED_ONLY"}
    assert [alike.get(name, name) for name in constants] == [word.name for word in words]


def test_the_oil_market_has_a_row_for_each_of_its_buyers() -> None:
    assert len(OilBuyer) == volumes.MARKETS and set(OilBuyer) <= set(Buyer)


def test_the_schema_takes_its_words_from_the_vocabulary() -> None:
    fields = Instrument.model_fields
    assert fields["sender"].annotation is Sender and fields["rule"].annotation is Rule
    assert get_args(get_args(fields["channels"].annotation)[0])[0] is Channel
    assert get_args(get_args(Stage.model_fields["eases"].annotation)[0])[0] is Sender


def test_the_configuration_uses_the_words() -> None:
    root = shipped_configs()
    register = tomllib.loads((root / "instruments.toml").read_text(encoding="utf-8"))["instrument"]
    assert {row["sender"] for row in register} == set(Sender)
    assert {row["rule"] for row in register} == set(Rule)
    assert {channel for row in register for channel in row["channels"]} <= set(Channel)
    facts = tomllib.loads((root / "facts/2026-08-31.toml").read_text(encoding="utf-8"))["facts"]
    assert set(facts["conflict"]["state"]["choices"]) == set(ConflictState)
    assert set(facts["gulf"]["state"]["choices"]) == set(GulfState)
    assert set(facts["conflict"]["talks"]["choices"]) == set(vocabulary.TalksState)
    assert len(trade.shipped().keys) == len(Region)


def test_the_vocabulary_needs_no_heavy_library() -> None:
    code = (
        "import sys, detente.config.vocabulary; print([m for m in ('numba', 'numpy', 'pydantic') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_no_other_module_lists_the_words() -> None:
    """A tuple, list or set of all words of one list (three or more) stands in the vocabulary only."""
    lists = [
        {str(word) for word in words}
        for words in vars(vocabulary).values()
        if isinstance(words, type) and issubclass(words, StrEnum) and words.__members__
    ]
    lists += [{buyer.key for buyer in Buyer}]
    repeated = []
    for path in MODEL.rglob("*.py"):
        if path.name == "vocabulary.py" or "report" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Tuple | ast.List | ast.Set):
                texts = {item.value for item in node.elts if isinstance(item, ast.Constant)}
                if any(len(words) >= 3 and words <= texts and len(texts) <= len(words) + 1 for words in lists):
                    repeated.append(f"{path.relative_to(MODEL)}:{node.lineno}")
    assert repeated == []
