"""The demo's page: floor plan, cameras and carts, live in a browser. It shows; it decides nothing."""
