"""What a user can do: one registry, from which slash commands, keys, the palette and the help are made."""
