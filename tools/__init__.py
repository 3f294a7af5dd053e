"""What a maintainer runs. Nothing here is needed to take the course."""
