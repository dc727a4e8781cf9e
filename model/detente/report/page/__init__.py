"""Pages: html, tables, fonts and images."""
