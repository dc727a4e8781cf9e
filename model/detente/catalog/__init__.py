"""The catalogue of scenarios, parameters and outputs: listings, explanations, templates."""
