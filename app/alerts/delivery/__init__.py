"""Where alerts go: receivers, routes, mute times, escalation; written as Alertmanager's configuration."""
