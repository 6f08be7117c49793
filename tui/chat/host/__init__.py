"""The process beside the screen: it holds archive and conversation, takes requests and reports what becomes of them."""
