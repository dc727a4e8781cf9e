"""Sweeps: many settings, distributions or files tried one after the other, each with a table of what came of it.

``make sweep`` runs every module of this folder whose name has no leading underscore, as ``python -m tests.sweep.NAME``.
"""
