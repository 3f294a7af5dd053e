"""What a person trains on a real book works, and what they lose if it is stopped: little."""
