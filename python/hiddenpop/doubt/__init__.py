"""What could be wrong, turned into numbers: one input at a time, two, all at once; scenarios; whose uncertainty it is."""
