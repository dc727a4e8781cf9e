"""Re-fitting the parameters of a block from public data, one module a block."""
