"""Two addresses."""

from django.urls import path

from tests.bench.peers import api

urlpatterns = [path("sales", api.Sales.as_view()), path("flat-sales", api.FlatSales.as_view())]
