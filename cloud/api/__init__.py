"""The HTTP API: /v1, problem details for every error, and a page of documentation that needs no internet."""
