"""The terminal chat: it renders the agent's events, and everything that takes time happens in a process beside it."""
