"""A ``Config`` becomes numbers.

The model version is a digest of this package, ``config``, ``trade`` and the kernels.
"""
