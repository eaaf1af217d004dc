"""Feature flags: who gets what, by percentage and constraint; the Unleash client API that serves SDKs."""
