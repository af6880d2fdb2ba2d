"""What the audit administrator does; each is an act itself."""
