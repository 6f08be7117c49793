"""Detections that no detector made: simulated from labels after a stated model, or perturbed on purpose."""
