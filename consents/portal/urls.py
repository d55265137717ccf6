from consents.portal import flow_urls, own_urls, receipt_urls

app_name = "my"
urlpatterns = [*own_urls.urlpatterns, *receipt_urls.urlpatterns, *flow_urls.urlpatterns]
