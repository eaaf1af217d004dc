"""Experiments: what each variant of a flag did to conversion."""
