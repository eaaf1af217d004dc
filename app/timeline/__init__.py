"""What happened, on one axis for every chart: flags, deploys, releases, alerts, incidents, maintenance."""
