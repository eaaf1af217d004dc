"""The stream of events: told to receivers outside by signed webhooks, and taken in from sources outside."""
