"""The months on the web: monthly detail, sales report, month close."""
