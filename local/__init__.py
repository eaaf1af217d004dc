"""Everything on one machine, without root and without containers: set-up, services, processes, checks."""
