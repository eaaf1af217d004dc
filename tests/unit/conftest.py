"""Fixtures of the pure tests: nothing here touches a service."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import Babel


@pytest.fixture
def babel_context():
    """Where lazily translated words can be read out, in English."""
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context():
        yield
