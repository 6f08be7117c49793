"""Measuring retrieval: query sets, systems, metrics."""
