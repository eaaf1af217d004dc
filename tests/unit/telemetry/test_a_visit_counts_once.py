"""A visit that fails again and again counts once in a while, whichever process answers it."""

from __future__ import annotations

import os

from storefront.visits import Allowance


def test_a_visit_counts_once_in_each_span_and_others_count_too():
    troubles = Allowance(600)
    assert troubles.take("new-checkout anna", 10)
    assert not troubles.take("new-checkout anna", 599)
    assert troubles.take("new-checkout ben", 599)
    assert troubles.take("other-flag anna", 599)
    assert troubles.take("new-checkout anna", 600)


def test_what_one_process_counted_the_others_do_not_count_again():
    troubles = Allowance(600)
    child = os.fork()
    if child == 0:
        os._exit(0 if troubles.take("new-checkout anna", 10) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert not troubles.take("new-checkout anna", 20)
