"""How replicates are made, and where: settings, ranges, executors, kernels, streams."""
