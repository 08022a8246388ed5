"""Cards 储值卡/疗程卡: what is paid before it is used, and every step by which it is used up.

Form: glossary 储值卡 and 疗程卡; the money words of specification 4.5; F05 pay_by STORED, PACKAGE.
"""
