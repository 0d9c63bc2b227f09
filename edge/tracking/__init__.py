"""Detections to people: who in this picture is who in the last one, and where on the floor they stand. Pure."""
