"""Making query sets: questions about true arrangements of an archive's scenes, with their gold formulas."""
