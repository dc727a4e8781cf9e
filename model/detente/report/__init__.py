"""Sections, figures and pages of a report on finished runs."""
