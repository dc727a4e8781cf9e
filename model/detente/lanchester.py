"""Lanchester's laws of attrition: closed forms of the square and the linear law, and the family between them.

A loses ``a B`` (square) or ``a A B`` (linear) a unit of time, B loses ``b A`` or ``b A B``. In general A loses a A^p B^q. No exponent fits the
battles on record well (Bracken 1995, Fricker 1998, Lucas and Turkes 2004), so the model draws them.
"""

import math

__all__ = ["general_law", "linear_law", "square_law", "square_law_invariant"]


def square_law(a: float, b: float, first: float, second: float, time: float) -> tuple[float, float]:
    """Strengths after ``time``: dA = -a B, dB = -b A, until one side has none left; then they stand. ValueError for a negative argument."""
    _check(a, b, first, second, time)
    root = math.sqrt(a * b)
    if root == 0.0:
        return _frozen(a, b, first, second, time)
    strong, weak = first * math.sqrt(b), second * math.sqrt(a)
    if strong != weak and max(strong, weak) > 0.0:  # the weaker side is gone when tanh(root t) reaches the ratio of the two
        time = min(time, math.atanh(min(strong, weak) / max(strong, weak)) / root)
    cosh, sinh = math.cosh(root * time), math.sinh(root * time)
    return max(first * cosh - second * math.sqrt(a / b) * sinh, 0.0), max(second * cosh - first * math.sqrt(b / a) * sinh, 0.0)


def square_law_invariant(a: float, b: float, first: float, second: float) -> float:
    """b A^2 - a B^2, which the square law keeps."""
    return b * first * first - a * second * second


def linear_law(a: float, b: float, first: float, second: float, time: float) -> tuple[float, float]:
    """Strengths after ``time``: dA = -a A B, dB = -b A B, which keeps b A - a B. ValueError for a negative argument."""
    _check(a, b, first, second, time)
    lead = b * first - a * second
    if min(first, second) == 0.0:
        return first, second
    if abs(lead) * time < 1e-12:  # B/A stays what it is: dA = -b A^2
        return first / (1.0 + a * second * time), second / (1.0 + b * first * time)
    # B/A falls by the factor exp(-lead t).
    ratio = second / first * math.exp(-lead * time)
    left = lead / (b - a * ratio)
    return left, ratio * left


def general_law(
    a: float, b: float, own: float, enemy: float, first: float, second: float, time: float, *, tolerance: float = 1e-10
) -> tuple[float, float]:
    """Strengths after ``time``: dA = -a A^own B^enemy, dB = -b B^own A^enemy, integrated by SciPy to a relative ``tolerance``, none below zero."""
    from scipy.integrate import solve_ivp

    _check(a, b, first, second, time)
    if own < 0.0 or enemy < 0.0:
        raise ValueError(f"exponents must not be negative; got {own} and {enemy}.")
    if time == 0.0 or min(first, second) == 0.0:
        return first, second

    def change(_: float, strengths: tuple[float, float]) -> list[float]:
        x, y = max(strengths[0], 0.0), max(strengths[1], 0.0)
        if min(x, y) == 0.0:
            return [0.0, 0.0]
        return [-a * x**own * y**enemy, -b * y**own * x**enemy]

    def gone(_: float, strengths: tuple[float, float]) -> float:
        return float(min(strengths[0], strengths[1]))

    gone.terminal = True  # type: ignore[attr-defined]
    solved = solve_ivp(change, (0.0, time), [first, second], events=gone, rtol=tolerance, atol=tolerance * max(first, second), method="DOP853")
    return max(float(solved.y[0, -1]), 0.0), max(float(solved.y[1, -1]), 0.0)


def _frozen(a: float, b: float, first: float, second: float, time: float) -> tuple[float, float]:
    """At most one side is being lost, at a constant pace."""
    return max(first - a * second * time, 0.0), max(second - b * first * time, 0.0)


def _check(*numbers: float) -> None:
    if any(not number >= 0.0 for number in numbers):
        raise ValueError(f"rates, strengths and time must not be negative; got {numbers}.")
