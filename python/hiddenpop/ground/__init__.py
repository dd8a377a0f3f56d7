"""What knows no node, no sample and no estimate: checks, columns, texts, files, formulas and their matrices, distributions."""
