"""OpenSLO in the page: tried first, every object told, nothing typed lost."""

from __future__ import annotations

from io import BytesIO

from app.slo import queries

GOOD = """
apiVersion: openslo/v1
kind: SLO
metadata:
  name: cart-availability
  displayName: Cart availability
spec:
  service: cart
  indicator:
    metadata:
      name: cart-good
    spec:
      ratioMetric:
        counter: true
        good:
          metricSource:
            type: Prometheus
            spec:
              query: shop_journeys_total{journey="cart",outcome="good"}
        total:
          metricSource:
            type: Prometheus
            spec:
              query: shop_journeys_total{journey="cart"}
  timeWindow:
    - duration: 28d
      isRolling: true
  budgetingMethod: Occurrences
  objectives:
    - target: 0.995
"""
BAD = GOOD.replace("target: 0.995", "target: 1.5")


def test_a_trial_tells_what_would_become_of_each_object_and_keeps_nothing(signed_in, control_session):
    answer = signed_in("ops").post("/slo/-/import", data={"document": GOOD, "try": "1"})
    assert answer.status_code == 200
    assert "cart-availability" in answer.text
    assert ">new<" in answer.text
    assert "isRolling: true" in answer.text
    assert queries.objectives(control_session) == []


def test_what_was_tried_is_imported_from_a_file_and_can_be_exported(signed_in, control_session):
    client = signed_in("ops")
    file = {"file": (BytesIO(GOOD.encode()), "cart.yaml"), "document": ""}
    answer = client.post("/slo/-/import", data=file, content_type="multipart/form-data")
    assert (answer.status_code, answer.location) == (303, "/slo/")
    assert queries.objective(control_session, "cart-availability").ratio == 0.995
    page = client.get("/slo/cart-availability").text
    assert "/api/v1/slos/cart-availability/openslo.yaml" in page
    assert "target: 0.995" in client.get("/api/v1/slos/cart-availability/openslo.yaml").text


def test_a_wrong_document_names_its_places_and_stays_in_the_form(signed_in, control_session):
    answer = signed_in("ops").post("/slo/-/import", data={"document": BAD})
    assert answer.status_code == 422
    assert "spec.objectives[0].target" in answer.text
    assert "target: 1.5" in answer.text
    assert queries.objectives(control_session) == []
