"""What the checks share works, room by room."""
