"""What a user would pick instead, each behind one small interface."""
