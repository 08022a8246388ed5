"""A store's history as the file a till would hand over."""

import csv
import io

from deploy.demo.shapes import StoreStory

HEADER = ("门店", "日期", "单号", "顾客编号", "姓名", "电话", "项目", "数量", "金额", "支付方式")


def file_name(story: StoreStory) -> str:
    """Name the file of a store."""
    return f"{story.plan.name}-历史小票.csv"


def history_csv(story: StoreStory) -> bytes:
    """Write all receipts of a store, one line per item."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for receipt in story.receipts:
        guest = receipt.guest
        head = [story.plan.code, receipt.day.isoformat(), receipt.number]
        head += [guest.number, guest.name, guest.phone]
        for line in receipt.lines:
            amount = f"{line.amount_fen // 100}.{line.amount_fen % 100:02d}"
            writer.writerow([*head, line.item.code, line.quantity, amount, receipt.tender])
    return text.getvalue().encode("utf-8-sig")
