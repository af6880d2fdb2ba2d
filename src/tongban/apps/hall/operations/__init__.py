"""What is done with appointments, numbers and the hall itself."""
