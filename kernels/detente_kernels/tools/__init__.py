"""What all submodels share: compilation, elementary functions, random numbers, Sobol' points, hazards, units."""
