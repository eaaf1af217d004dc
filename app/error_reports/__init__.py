"""What broke in either service, in jobs, the worker and browsers: grouped, counted, looked after."""
