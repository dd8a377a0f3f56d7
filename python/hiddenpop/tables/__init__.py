"""Tables of a survey: descriptions, cross-tables, comparisons, several answers; as Word, Excel, HTML, LaTeX."""
