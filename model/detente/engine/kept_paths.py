"""The table of the paths that a run keeps in full."""

import numpy as np
import pandas as pd

from detente.engine.plan import Plan
from detente.engine.simulate import Reduction


def kept_paths(plan: Plan, reduction: Reduction) -> pd.DataFrame:
    """Kept paths, long by path.

    ``path``, ``time`` (first day of the step) and one column a variable in float32, which is finer than any price.
    """
    paths, steps, _ = reduction.path_values.shape
    columns = {
        "path": np.repeat(np.arange(paths, dtype=np.int32), steps),
        "time": np.tile(np.array(plan.calendar.starts(), dtype=object), paths),
    }
    for v, variable in enumerate(plan.variables):
        columns[variable.column] = reduction.path_values[:, :, v].astype(np.float32).ravel()
    return pd.DataFrame(columns)
