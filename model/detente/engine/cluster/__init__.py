"""A run on several machines: dask.distributed as an executor.

Nothing outside this folder knows it; it comes with ``detente[cluster]``.
"""

from detente.engine.cluster.client import Cluster

__all__ = ["Cluster"]
