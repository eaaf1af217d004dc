"""Files that are taken along: their names, and who may keep them."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("by", ["x%0d%0aSet-Cookie:%20a=b", 'x"; filename="y.exe', "../../etc/passwd", "%00"])
def test_what_nobody_knows_gets_into_no_name_of_a_file(signed_in, by):
    answer = signed_in("product_manager").get(f"/kpi/orders/breakdown.csv?by={by}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="orders-by-nothing.csv"'
    assert answer.text.splitlines() == ["member,value,before,share"]


def test_files_of_pages_are_kept_by_no_cache(signed_in):
    client = signed_in("admin")
    for path in ("/kpi/orders/breakdown.csv", "/accounts/access/access.csv?permission=view"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store"), path
