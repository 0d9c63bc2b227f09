"""What settles: events in, carts, charges and receipts out."""
