"""The sections of a report: ``SECTIONS`` in the order of the page, one module a section."""

from collections.abc import Callable

from detente.report.context import Context
from detente.report.section import Section
from detente.report.sections.annex import annex
from detente.report.sections.by_when import by_when
from detente.report.sections.claims import claims
from detente.report.sections.cost_incidence import cost_incidence
from detente.report.sections.feedback import feedback
from detente.report.sections.finding import finding
from detente.report.sections.gas import gas
from detente.report.sections.limits import limits
from detente.report.sections.oil import oil
from detente.report.sections.relief import relief
from detente.report.sections.sanctions import sanctions
from detente.report.sections.scenarios import scenarios
from detente.report.sections.sensitivity import sensitivity
from detente.report.sections.tariffs import tariffs
from detente.report.sections.track_record import track_record
from detente.report.sections.war import war

__all__ = ["SECTIONS"]

SECTIONS: tuple[Callable[[Context], Section | None], ...] = (
    finding,
    by_when,
    relief,
    gas,
    scenarios,
    tariffs,
    cost_incidence,
    oil,
    war,
    sanctions,
    feedback,
    sensitivity,
    claims,
    track_record,
    limits,
    annex,
)
"""Builders of the sections; one gives None where the run has nothing to say, and the section is then absent."""
