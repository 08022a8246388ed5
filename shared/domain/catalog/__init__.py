"""Service items and products with their categories and prices (项目与产品).

Form: the item columns of F08, F10 and F17.
"""
