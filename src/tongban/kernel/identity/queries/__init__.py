"""Reading identity: who somebody is, in which capacities, and the Actor that follows from it; one file a subject."""
