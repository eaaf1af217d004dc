"""Alert rules that people make: written, checked, tried on history, given to Prometheus."""
