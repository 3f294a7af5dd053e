"""What a learner reads is true."""
