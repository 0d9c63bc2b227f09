"""What the cloud does with what it is told, step by step: ingest, apply, pay, settle."""
