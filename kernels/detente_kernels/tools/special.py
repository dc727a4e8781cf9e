"""exp, log, the normal quantile and a few more as polynomials with explicit fused multiply-add.

libm and vector libraries differ between machines in the last bit and stop LLVM from vectorising a loop over paths;
these do neither. All functions take and return float64 scalars; tests hold them to the accuracies stated.
"""

import llvmlite.ir as ir
import numpy as np
from numba import types
from numba.extending import intrinsic

from .jit import inline, kernel


@intrinsic
def fma(typingctx, a, b, c):
    """a * b + c with one rounding (float64)."""

    def build(context, builder, signature, args):
        double = ir.DoubleType()
        function = builder.module.declare_intrinsic("llvm.fma", [double], ir.FunctionType(double, [double] * 3))
        return builder.call(function, args)

    return types.float64(types.float64, types.float64, types.float64), build


@intrinsic
def _bits_to_float(typingctx, bits):
    def build(context, builder, signature, args):
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), build


@intrinsic
def float_to_bits(typingctx, value):
    """The 64 bits of a float64 as int64."""

    def build(context, builder, signature, args):
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), build


_LN2_HIGH = 6.93147180369123816490e-01  # ln 2 split in two, so that n ln 2 is exact for small n (Cody and Waite 1980)
_LN2_LOW = 1.90821492927058770002e-10
_INV_LN2 = 1.44269504088896338700
_ROUND = 6755399441055744.0  # 1.5 * 2^52: adding it rounds to the nearest integer


@inline
def exp(x):
    """e^x, relative error below 4e-16 on [-708, 709]; saturates outside (1e-308 below, inf above); NaN stays NaN."""
    bounded = min(max(x, -708.0), 709.0)
    shifted = fma(bounded, _INV_LN2, _ROUND)
    n = shifted - _ROUND
    r = fma(-n, _LN2_HIGH, bounded)
    r = fma(-n, _LN2_LOW, r)
    # Taylor to degree 13 on |r| <= ln 2 / 2: truncation below 5e-18.
    p = 1.6059043836821613e-10
    p = fma(p, r, 2.08767569878681e-09)
    p = fma(p, r, 2.505210838544172e-08)
    p = fma(p, r, 2.755731922398589e-07)
    p = fma(p, r, 2.7557319223985893e-06)
    p = fma(p, r, 2.48015873015873e-05)
    p = fma(p, r, 1.984126984126984e-04)
    p = fma(p, r, 1.388888888888889e-03)
    p = fma(p, r, 8.333333333333333e-03)
    p = fma(p, r, 4.1666666666666664e-02)
    p = fma(p, r, 1.6666666666666666e-01)
    p = fma(p, r, 0.5)
    p = fma(p, r, 1.0)
    p = fma(p, r, 1.0)
    # The rounded n stands in the low bits of ``shifted``; no float-to-integer conversion, which AVX2 lacks for 64 bits.
    scale = _bits_to_float((float_to_bits(shifted) + np.int64(1023)) << np.int64(52))
    value = p * scale
    value = np.inf if x > 709.0 else value
    return x if x != x else value


@inline
def log(x):
    """Natural logarithm, relative error below 4e-16 for normal x > 0; -inf at 0, NaN below."""
    bits = float_to_bits(x)
    exponent = ((bits >> np.int64(52)) & np.int64(0x7FF)) - np.int64(1023)
    mantissa = _bits_to_float((bits & np.int64(0x000FFFFFFFFFFFFF)) | np.int64(0x3FF0000000000000))
    high = mantissa > 1.4142135623730951
    mantissa = 0.5 * mantissa if high else mantissa
    k = float(exponent) + (1.0 if high else 0.0)
    # log m = 2 artanh(s), s = (m - 1)/(m + 1), |s| <= 0.1716: odd series to s^21.
    s = (mantissa - 1.0) / (mantissa + 1.0)
    z = s * s
    p = 9.523809523809523e-02
    p = fma(p, z, 1.0526315789473684e-01)
    p = fma(p, z, 1.1764705882352941e-01)
    p = fma(p, z, 1.3333333333333333e-01)
    p = fma(p, z, 1.5384615384615385e-01)
    p = fma(p, z, 1.8181818181818182e-01)
    p = fma(p, z, 2.2222222222222222e-01)
    p = fma(p, z, 2.8571428571428571e-01)
    p = fma(p, z, 4.0e-01)
    p = fma(p, z, 6.6666666666666663e-01)
    value = fma(k, _LN2_HIGH, fma(k, _LN2_LOW, fma(p * z, s, 2.0 * s)))
    value = -np.inf if x == 0.0 else value
    value = np.inf if x == np.inf else value
    return value if x >= 0.0 else np.nan


@inline
def power(base, exponent):
    """base^exponent for base >= 0 and exponent > 0; 0 at base 0."""
    return exp(exponent * log(base)) if base > 0.0 else 0.0


@inline
def normal_quantile(p):
    """Standard normal quantile for 0 < p < 1, relative error below 1.2e-9 (rational approximations of Acklam, 2003).

    Three branch-free pieces chosen by select, so that a loop over paths vectorises.
    """
    q = p - 0.5
    r = q * q
    a = -3.969683028665376e01
    a = fma(a, r, 2.209460984245205e02)
    a = fma(a, r, -2.759285104469687e02)
    a = fma(a, r, 1.383577518672690e02)
    a = fma(a, r, -3.066479806614716e01)
    a = fma(a, r, 2.506628277459239e00)
    b = -5.447609879822406e01
    b = fma(b, r, 1.615858368580409e02)
    b = fma(b, r, -1.556989798598866e02)
    b = fma(b, r, 6.680131188771972e01)
    b = fma(b, r, -1.328068155288572e01)
    b = fma(b, r, 1.0)
    centre = a * q / b
    tail = min(p, 1.0 - p)
    t = np.sqrt(-2.0 * log(tail))
    c = -7.784894002430293e-03
    c = fma(c, t, -3.223964580411365e-01)
    c = fma(c, t, -2.400758277161838e00)
    c = fma(c, t, -2.549732539343734e00)
    c = fma(c, t, 4.374664141464968e00)
    c = fma(c, t, 2.938163982698783e00)
    d = 7.784695709041462e-03
    d = fma(d, t, 3.224671290700398e-01)
    d = fma(d, t, 2.445134137142996e00)
    d = fma(d, t, 3.754408661907416e00)
    d = fma(d, t, 1.0)
    outer = c / d
    outer = outer if q < 0.0 else -outer
    return centre if tail > 0.02425 else outer


@inline
def decay(rate, dt):
    """Share that is left of a gap after ``dt`` months at ``rate`` per month.

    Exp(-rate dt), the exact one-step factor.
    """
    return exp(-rate * dt)


@inline
def half_life_decay(half_life, dt):
    """Share that is left after ``dt`` months with the given half-life in months (> 0): 2^(-dt / half_life)."""
    return exp(-0.69314718055994531 * dt / half_life)


@kernel
def tabulate(x, out):
    """exp(x), log(x) and the normal quantile of 1 / (1 + x) at ``x`` (n,) above zero; ``out`` (3, n)."""
    for i in range(x.size):
        out[0, i] = exp(x[i])
        out[1, i] = log(x[i])
        out[2, i] = normal_quantile(1.0 / (1.0 + x[i]))
