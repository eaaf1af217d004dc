"""Fixtures of the pure tests: nothing here touches a service."""

from __future__ import annotations

import os

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import settings

# Few examples a run, so that the whole folder takes two seconds; in doubt: HYPOTHESIS_PROFILE=thorough.
settings.register_profile("quick", max_examples=15, deadline=None)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture
def babel_context():
    """Where lazily translated words can be read out, in English."""
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context():
        yield
