"""What the walk through all pages and operations is made of: requests, the world they are sent to, asking."""
