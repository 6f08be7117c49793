"""A brute-force evaluator of the design's text: shapely and plain loops, sharing no code with `solvers`."""
