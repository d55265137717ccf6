"""Receipts, and the drawings and voices of the texts."""

from django.urls import path

from consents.portal import receipt

urlpatterns = [
    path("receipts/<uuid:pk>/", receipt.page, name="receipt"),
    path("receipts/<uuid:pk>/receipt.pdf", receipt.as_pdf, name="receipt-pdf"),
    path("receipts/<uuid:pk>/receipt.json", receipt.as_json, name="receipt-json"),
    path("receipts/<uuid:pk>/consent.fhir.json", receipt.as_fhir, name="receipt-fhir"),
    path("pictures/<str:digest>.svg", receipt.picture, name="picture"),
    path("speech/<uuid:pk>.mp3", receipt.speech, name="speech"),
]
