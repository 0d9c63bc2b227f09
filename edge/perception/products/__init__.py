"""Knowing products by their looks: from a few photos to a probability for each of them, and for none of them."""
