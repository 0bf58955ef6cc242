"""Studies: our choice of what to run, each a few settings, a budget, a score and facts to show."""
