"""Many questions from one file, answered into another: resumable, in order, and side by side at the model."""
