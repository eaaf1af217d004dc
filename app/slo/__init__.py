"""Objectives, their five-minute rows, their error budgets and the burn alerts made from them."""
