"""What can be chosen and what it means: listings, explanations, templates."""
