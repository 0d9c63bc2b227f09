"""What is decided about money, without any I/O: carts, prices, decisions, settlement, ledger and receipts."""
