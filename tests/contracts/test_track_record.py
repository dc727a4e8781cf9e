"""The track record that ships is that of the model as it stands, and its page says what it says."""

from pathlib import Path

from detente.evaluation import track_record
from detente.evaluation.track_record_page import misses, page

ROOT = Path(__file__).resolve().parents[2]


def test_record_is_of_this_model_and_of_these_settings():
    sentence = track_record.stale()
    assert not sentence, sentence


def test_page_is_in_sync():
    known = track_record.record()
    assert known is not None
    assert (ROOT / "docs" / "track-record.md").read_text(encoding="utf-8") == page(known), "run make track-record"


def test_record_is_written_as_it_is_read():
    known = track_record.record()
    assert known is not None
    assert (ROOT / "configs" / track_record.FILE).read_text(encoding="utf-8") == track_record.to_toml(known)


def test_figures_from_31_march_2025_are_near_those_of_the_design():
    """The design's figures are of an earlier model, and a better one may move away from them, but not far."""
    known = track_record.record()
    assert known is not None
    origin = next(one for one in known.origin if one.as_of.isoformat() == "2025-03-31")
    found = {each.output: each for each in origin.output}
    assert len(found["brent"].month) == 16 and 12 <= found["brent"].inside_90_all <= 16
    assert found["brent"].ratio_all is not None and 0.8 < found["brent"].ratio_all < 1.05
    assert len(found["ttf"].month) == 14 and found["ttf"].inside_90_all >= 12
    assert len(found["losses"].month) == 16 and found["losses"].inside_90_all >= 14
    assert len(found["storage"].month) == 17 and found["storage"].inside_90_all >= 12
    assert all(0 <= p <= 1 for each in found.values() for p in each.pit)
    budget = dict(zip(found["budget"].month, found["budget"].pit, strict=True))
    assert budget["2025-12"] < 0.2 and budget["2026-01"] < 0.2


def test_misses_come_first_and_each_has_a_reason():
    known = track_record.record()
    assert known is not None
    text = page(known)
    assert text.index("## Misses") < text.index("## Method") < text.index("## From")
    for miss in misses(known):
        assert miss.reason.endswith(".") and miss.sentence in text
