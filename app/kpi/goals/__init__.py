"""Technical and business figures with a target by a date, read from series by their keys."""
