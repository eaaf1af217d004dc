"""What growth would cost: scenarios of users, saved and compared."""
