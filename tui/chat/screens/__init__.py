"""What lies over the chat for a moment: help, and the list of sessions."""
