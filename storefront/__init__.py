"""The shop. Imports nothing from the control plane."""
