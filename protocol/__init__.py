"""What edge and cloud say to each other, and the file formats: pure, versioned, importing nothing of ours."""
