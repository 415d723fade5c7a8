"""The play: processes that decide, by chance, what happens in the world."""
