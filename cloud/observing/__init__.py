"""What a process of the cloud says about itself: what it counts, what it traces, and whether it is well."""
