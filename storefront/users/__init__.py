"""Shoppers with an account: sign-up, sign-in, server-side sessions."""
