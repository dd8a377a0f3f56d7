"""How far off an estimate may be: intervals, standard errors, covariances."""
