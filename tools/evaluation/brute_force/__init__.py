"""Whether images satisfy a formula, by trying what there is; shares no code with `solvers`, and imports none of it."""
