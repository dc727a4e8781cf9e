"""Checks within one record, and the record after a sparse overlay."""

import datetime as dt
from collections.abc import Mapping

from detente.config.distributions import Distribution, JointDraw
from detente.config.empirical import with_values
from detente.config.schema import BY_HAND, Joint, Overlay, Record
from detente.config.toml import Document
from detente.shared.formatting import share
from detente.shared.messages import KeyPath, dotted, nearest, number, one_of, quoted, span

NEVER_DRAWN = 1e-10
"""Probability of one tail beyond 6.4 standard deviations of a normal variable, where the points of paths end."""


def checked(record: Record, key: str, document: Document, path: KeyPath, joints: Mapping[str, Joint]) -> Record:
    """The record with CSV columns read in, after checking that value, bounds, choices and distribution agree.

    ``key`` is the dotted key, such as ``oil.x``.
    """
    if isinstance(record.value, str):
        _check_choice(record, document, path)
    elif record.choices is not None:
        document.fail((*path, "choices"), f"{dotted(path)} has choices, which belong to strings only.")
    if isinstance(record.value, bool | str):
        for name in ("dist", "bounds"):
            if getattr(record, name) is not None:
                document.fail((*path, name), f"{dotted(path)} is no number, so it has no {name}; remove it.")
        return record
    if record.bounds is None:
        document.fail(path, f"the key {dotted(path)}.bounds is missing; a number has bounds = [lowest, highest].")
    low, high = record.bounds
    limits = span(low, high, record.unit)
    if low > high:
        document.fail((*path, "bounds"), f"{dotted(path)}.bounds must give the lower limit first, not {limits}.")
    dist = None if record.dist is None else with_values(record.dist, document, (*path, "dist"))
    first, last = low, high
    if dist is not None:
        first, last = (
            _joint_of(dist, key, document, path, joints).support(key) if isinstance(dist, JointDraw) else dist.support()
        )
        if first < low or last > high:
            _refuse_outside(dist, (low, high), f"{dotted(path)}.dist", limits, document, (*path, "dist"))
    if not low <= record.value <= high:
        document.fail(
            (*path, "value"), f"{dotted(path)}.value = {number(record.value)} lies outside its bounds, {limits}."
        )
    if not first <= record.value <= last:
        document.fail(
            (*path, "value"),
            f"{dotted(path)}.value = {number(record.value)} lies outside its distribution, {span(first, last)}.",
        )
    return record.model_copy(update={"dist": dist})


def overlaid(
    record: Record,
    key: str,
    change: Overlay,
    document: Document,
    path: KeyPath,
    joints: Mapping[str, Joint],
    as_of: dt.date,
    *,
    command_line: bool,
) -> Record:
    """The record after a sparse overlay: a value alone fixes it, a distribution alone brings its own central value.

    A change without a confidence is a judgement; one without a date is dated by the run. ConfigError as in ``checked``,
    and when the overlay changes a number without a source (on the command line the source is noted for it), its type,
    or its unit.
    """
    if change.unit is not None and change.unit != record.unit:
        document.fail(
            (*path, "unit"),
            f"{dotted(path)} is declared in {record.unit}, not in {quoted(change.unit)}; convert the number.",
        )
    texts = {
        name: text for name in ("doc", "source", "confidence", "as_of") if (text := getattr(change, name)) is not None
    }
    if change.value is None and change.dist is None:
        return record.model_copy(update=texts)
    if change.source is None and not command_line:
        document.fail(path, f'{dotted(path)} changes a number without saying why; add source = "…".')
    if change.value is not None and type(change.value) is not type(record.value):
        wanted = {
            bool: "true or false",
            str: "a string",
            float: f"a number{'' if record.unit == '1' else f' ({record.unit})'}",
        }[type(record.value)]
        document.fail((*path, "value"), f"{dotted(path)}.value must be {wanted}.")
    value, dist = change.value, change.dist
    if dist is not None:
        if record.kind in ("policy", "constant"):
            document.fail(
                (*path, "dist"),
                f"{dotted(path)} is a {record.kind}, which is set, not drawn; give a value instead of a dist.",
            )
        if not isinstance(record.value, float) or record.bounds is None:
            document.fail((*path, "dist"), f"{dotted(path)} is no number, so it cannot have a dist; give a value.")
        dist = with_values(dist, document, (*path, "dist"))
        if value is None:
            joint = _joint_of(dist, key, document, path, joints) if isinstance(dist, JointDraw) else None
            value = joint.centre(key) if joint is not None else dist.centre()
    defaults = {"source": BY_HAND, "confidence": "J", "as_of": as_of}
    marks = {"carried_from": None, "fitted_on": None}
    changed = record.model_copy(update={**defaults, **texts, **marks, "value": value, "dist": dist})
    return checked(changed, key, document, path, joints)


def _refuse_outside(
    dist: Distribution, bounds: tuple[float, float], name: str, limits: str, document: Document, path: KeyPath
) -> None:
    """Refuse a distribution of which a probability that can be drawn lies outside the bounds. Imports scipy."""
    if isinstance(dist, JointDraw):
        return  # check_tables has the same rule for the rows of the table
    from detente.config import laws

    below, above = laws.outside(dist, *bounds)
    if max(below, above) <= NEVER_DRAWN:
        return
    if below + above >= 1.0 - NEVER_DRAWN:
        document.fail(path, f"{name} lies outside the bounds {limits}; choose another distribution.")
    low, high = dist.truncate or bounds
    cut = f"truncate = [{number(max(low, bounds[0]))}, {number(min(high, bounds[1]))}]"
    sides = " and ".join(
        f"{share(probability)} of its probability {side}"
        for probability, side in ((below, "below"), (above, "above"))
        if probability > NEVER_DRAWN
    )
    document.fail(path, f"{name} has {sides} the bounds {limits}; choose a narrower one, or cut it with {cut}.")


def _check_choice(record: Record, document: Document, path: KeyPath) -> None:
    if record.choices is None:
        document.fail(path, f"the key {dotted(path)}.choices is missing; a string has choices = [...].")
    if record.value not in record.choices:
        near = nearest(str(record.value), record.choices)
        suggestion = f" (did you mean {quoted(near)}?)" if near else ""
        document.fail(
            (*path, "value"),
            f"{dotted(path)}.value must be {one_of(record.choices)}, not {quoted(record.value)}{suggestion}.",
        )


def _joint_of(dist: JointDraw, key: str, document: Document, path: KeyPath, joints: Mapping[str, Joint]) -> Joint:
    """The table that a joint draw names; it must hold the parameter's column."""
    if dist.table not in joints:
        listed = one_of(joints) if joints else "none is declared"
        document.fail(
            (*path, "dist", "table"),
            f"{dotted(path)}.dist names the unknown table {quoted(dist.table)}; valid: {listed}.",
        )
    if key not in joints[dist.table].columns:
        document.fail(
            (*path, "dist", "table"),
            f"{dotted(path)}.dist names the table {quoted(dist.table)}, which has no column {quoted(key)}.",
        )
    return joints[dist.table]
