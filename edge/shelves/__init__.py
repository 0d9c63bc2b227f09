"""From what a shelf camera sees in its slots to interactions and what they changed (who reached, visits/ says)."""
