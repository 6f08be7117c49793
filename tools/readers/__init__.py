"""The readers of annotations: one file per format, each turning what lies outside into validated entities."""
