"""What the checks promise: right code passes, wrong code does not, and the report is kind."""
