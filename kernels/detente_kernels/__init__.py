"""Arrays and numbers only.

Random numbers, elementary functions, the submodels of a month, the block loop, the reductions.

Nothing here knows of files, units, words or dates; see ``detente`` for those. Imports numpy and numba only (a contract
test holds the wall).
"""
