"""Right and left lung of a chest CT."""
