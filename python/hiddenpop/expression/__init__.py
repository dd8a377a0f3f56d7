"""The history of a number: nodes, and what is done with an expression of them."""
