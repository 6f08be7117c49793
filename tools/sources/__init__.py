"""Where the scenes of an indexing run come from: a detector, labelTxt files, a COCO file; one file per source."""
