"""What RUNE is measured by: synthetic archives, the peers that it is compared with, and the one command `solver.py`."""
