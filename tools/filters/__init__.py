"""Filters: which images of an archive a question is asked of, by place, by time and by folder."""

from tools.filters.record import Filters

__all__ = ["Filters"]
