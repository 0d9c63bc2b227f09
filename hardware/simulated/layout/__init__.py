"""What the mock store is: its store file, its products' shapes, its cameras' places, its looks. Plain frozen values."""
