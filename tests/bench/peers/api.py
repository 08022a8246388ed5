"""Receipts by Django REST framework: the same answer as ours, and a flat one for comparison."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework import generics, serializers

from tests.bench.peers.store import models


class LineSerializer(serializers.ModelSerializer):
    """One item of a receipt."""

    item_id = serializers.PrimaryKeyRelatedField(source="item", queryset=models.Items.objects.all())

    class Meta:
        """Named as ours."""

        model = models.SaleLines
        fields = ("id", "item_id", "kind", "category", "quantity", "amount_fen", "refund_of")
        read_only_fields = ("kind", "category", "refund_of")


class TenderSerializer(serializers.ModelSerializer):
    """A part of the money."""

    class Meta:
        """Named as ours."""

        model = models.SaleTenders
        fields = ("tender", "amount_fen")


class SaleSerializer(serializers.ModelSerializer):
    """One receipt with its items and its money."""

    customer_id = serializers.PrimaryKeyRelatedField(
        source="customer", queryset=models.Customers.objects.all(), allow_null=True, required=False
    )
    lines = LineSerializer(many=True)
    tenders = TenderSerializer(many=True)

    class Meta:
        """Named as ours."""

        model = models.Sales
        fields = (
            "id", "key", "receipt_no", "kind", "refund_of", "customer_id", "business_date",
            "sold_at", "recorded_at", "seller_id", "approver_id", "source", "total_fen", "reason",
            "paper_no", "lines", "tenders",
        )  # fmt: skip
        read_only_fields = (
            "receipt_no", "kind", "refund_of", "business_date", "sold_at", "recorded_at",
            "seller_id", "approver_id", "source", "total_fen", "reason", "paper_no",
        )  # fmt: skip

    def create(self, validated_data: dict[str, Any]) -> Any:
        """Write receipt, items and money in one transaction."""
        lines, tenders = validated_data.pop("lines"), validated_data.pop("tenders")
        total = sum(line["amount_fen"] for line in lines)
        if total != sum(tender["amount_fen"] for tender in tenders):
            raise serializers.ValidationError({"tenders": ["the sums differ"]})
        now = timezone.now()
        with transaction.atomic():
            sale = models.Sales.objects.create(
                **validated_data,
                receipt_no=validated_data["key"].hex[:20],
                kind="SALE",
                source="API",
                total_fen=total,
                business_date=now.date(),
                sold_at=now,
                recorded_at=now,
            )
            sale.lines = models.SaleLines.objects.bulk_create(
                models.SaleLines(
                    sale=sale, kind="SINGLE", category=line["item"].category, cost_fen=0, **line
                )
                for line in lines
            )
            sale.tenders = models.SaleTenders.objects.bulk_create(
                models.SaleTenders(sale=sale, **tender) for tender in tenders
            )
        return sale


class Sales(generics.ListCreateAPIView):
    """The newest fifty, or one more."""

    serializer_class = SaleSerializer

    def get_queryset(self) -> list[Any]:
        """Fetch receipts, items and money in three questions."""
        sales = list(models.Sales.objects.order_by("-business_date", "-id")[:50])
        by_id = {sale.id: sale for sale in sales}
        for sale in sales:
            sale.lines, sale.tenders = [], []
        for line in models.SaleLines.objects.filter(sale__in=list(by_id)).order_by("id"):
            by_id[line.sale_id].lines.append(line)
        for tender in models.SaleTenders.objects.filter(sale__in=list(by_id)).order_by("id"):
            by_id[tender.sale_id].tenders.append(tender)
        return sales


class FlatSaleSerializer(serializers.ModelSerializer):
    """A receipt's own columns."""

    class Meta:
        """Six columns."""

        model = models.Sales
        fields = ("id", "customer_id", "seller_id", "sold_at", "total_fen", "kind")


class FlatSales(generics.ListAPIView):
    """The newest fifty without items and money, and without asking who asks."""

    serializer_class = FlatSaleSerializer
    authentication_classes = ()
    permission_classes = ()

    def get_queryset(self) -> Any:
        """Fetch receipts only."""
        return models.Sales.objects.order_by("-business_date", "-id")[:50]
