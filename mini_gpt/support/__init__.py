"""Ours, never judged, and never written by a learner: what the commands of mini_gpt need."""
