"""Many cases at once, as copies of a few that were really walked: for benches and for trying the product at size."""
