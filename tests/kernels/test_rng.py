"""Random numbers: published vectors bit for bit, named streams without clashes, and independence from everything but
(seed, stream, path, step)."""

import numpy as np
import pytest
from detente_kernels import world
from detente_kernels.tools import rng
from detente_kernels.tools.jit import BLOCK

VECTORS = [  # every vector of philox4x32 at 10 rounds in Random123, tests/kat_vectors: counter, key, output
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def words(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


def philox(counter: np.ndarray, key: np.ndarray) -> np.ndarray:
    out = np.empty((len(counter), 4), np.uint32)
    rng.philox_block(counter.astype(np.uint32), key.astype(np.uint32), out)
    return out


def draw(first_path: int, step: int, seed: int) -> np.ndarray:
    out = np.empty((rng_rows(), BLOCK))
    rng.fill(first_path, step, seed, world.STREAMS, world.KINDS, out)
    return out


def rng_rows() -> int:
    return 4 * world.STREAMS.size


def test_random123_vectors_bit_for_bit():
    counter, key, expected = (np.array([words(vector[k]) for vector in VECTORS]) for k in range(3))
    np.testing.assert_array_equal(philox(counter, key), expected)


def test_compiled_equals_interpreted():
    counter, key, expected = VECTORS[2]
    # numpy scalars keep the wrap-around of 64-bit words that the compiled form has
    with np.errstate(over="ignore"):
        out = rng.philox.py_func(*(np.uint64(w) for w in words(counter)), *(np.uint64(w) for w in words(key)))
    assert [int(w) & 0xFFFFFFFF for w in out] == words(expected)


def test_streams_have_names_of_their_own():
    names = [stream.name for module in world.SUBMODELS.values() for stream in module.DRAWS]
    assert len(set(names)) == len(names)
    assert len({rng.stream(name) for name in names}) == len(names)


def test_words_of_one_name_are_neighbouring_rows_of_one_field():
    for name, module in world.SUBMODELS.items():
        words = [
            word for stream in module.DRAWS for word in [w for w, _ in stream.words] + [None] * (4 - len(stream.words))
        ]
        first = 4 * [name for name, m in world.SUBMODELS.items() for _ in m.DRAWS].index(name)
        for field in set(words) - {None}:
            positions = [first + k for k, word in enumerate(words) if word == field]
            row = world.rows(world.DRAWS)[f"{name}.{field}"]
            assert positions == ([row] if isinstance(row, int) else list(row)), f"{name}.{field}"


def test_a_number_depends_on_its_path_not_on_its_block():
    block = draw(0, 7, 42)
    shifted = draw(60, 7, 42)
    np.testing.assert_array_equal(block[:, 60:], shifted[:, : BLOCK - 60])


@pytest.mark.parametrize(
    "other", [dict(step=8), dict(seed=43), dict(first_path=BLOCK), dict(seed=42 + 2**32), dict(first_path=2**32)]
)
def test_every_part_of_the_key_matters(other):
    base = dict(first_path=0, step=7, seed=42)
    assert not np.any(draw(**base) == draw(**(base | other)))


def test_uniforms_and_normals_have_their_moments():
    blocks = [draw(first, 1, 1) for first in range(0, 200 * BLOCK, BLOCK)]
    sample = np.concatenate(blocks, axis=1)
    n = sample.shape[1]
    for row, kind in enumerate(world.KINDS):
        mean, variance, fourth = (0.0, 1.0, 3.0) if kind == rng.NORMAL else (0.5, 1 / 12, 1 / 80)
        centred = sample[row] - mean
        assert abs(centred.mean()) < 4.5 * np.sqrt(variance / n)
        assert abs((centred**2).mean() - variance) < 4.5 * np.sqrt((fourth - variance**2) / n)
        assert kind == rng.NORMAL or (sample[row].min() > 0.0 and sample[row].max() < 1.0)


def test_streams_are_uncorrelated():
    sample = np.concatenate([draw(first, 3, 5) for first in range(0, 100 * BLOCK, BLOCK)], axis=1)
    correlation = np.corrcoef(sample)
    np.fill_diagonal(correlation, 0.0)
    assert np.abs(correlation).max() < 5.0 / np.sqrt(sample.shape[1])
