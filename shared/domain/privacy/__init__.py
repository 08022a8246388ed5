"""Personal data 个人信息: what is held about a guest and where; a copy of it, and its erasure.

Form: specification 4.4 (PIPL 45 and 47): a guest may ask for a copy and for erasure.
"""
