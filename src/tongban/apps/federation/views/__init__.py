"""Pages and machine addresses of federation."""
