"""What /api/v1 takes and answers: declared beside each view, enforced before it, published as OpenAPI 3.1."""
