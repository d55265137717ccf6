"""A recorded home, played for a resident: its file, the devices it needs, how it is sent, and what came of it."""
