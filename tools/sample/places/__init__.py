"""How scenes are laid out: paving, planting, districts, and the recipes that combine them."""
