"""Thirty days of shop life from a fixed seed: the same facts in the shop's tables, metrics and the timeline.

Pure: shape.py (what these days were like), life.py (who came and what they did), samples.py (what Prometheus
would have scraped), timeline.py. With I/O: shop.py, blocks.py, control.py; load.py calls them all.
"""
