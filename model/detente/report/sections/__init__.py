"""One module a section: its findings, tables and figures."""
