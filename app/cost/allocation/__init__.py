"""Who bears what: rules for each position, runs that keep their inputs, and what they came to."""
