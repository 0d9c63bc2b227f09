"""`tillfree track`: a film or a list of detections in, who was where out, as MOTChallenge text."""
