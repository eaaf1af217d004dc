"""Reviews of weeks to years: figures as they were computed, annotated, closed with decisions."""
