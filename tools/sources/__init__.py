"""Where the scenes of an indexing run come from: a detector, or annotations of several formats; one file per source."""
