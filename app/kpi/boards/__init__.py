"""Dashboards of one's own: chosen tiles in their order, with filters, shared by a link."""
