"""How the customer hub scores what a contact writes: points of 100, and the buckets that they lead to."""

from .thread import TriggerType

#: Points of each keyword, by the type of trigger that its list belongs to.
KEYWORD_POINTS: dict[TriggerType, dict[str, int]] = {
    "pre_sales": {"price": 20, "quote": 20, "报价": 20, "moq": 15},
    "after_sales": {"warranty": 15, "repair": 20, "退货": 20, "spare part": 10},
    "bizdev": {"distributor": 20, "agency": 15, "代理": 20, "partnership": 10},
}
#: One of these makes the whole message worth nothing.
BLACKLIST = ("lottery", "loan")
FILE_POINTS = {"pdf": 10, "xls": 12, "cad": 15}
WEEKDAY_POINTS, WEEKEND_POINTS = 12, 4
KNOWLEDGE_BASE_POINTS = 20
MOST_POINTS = 100
#: The least points of a bucket; what has fewer is black.
WHITE_FROM, GRAY_FROM = 80, 60
#: Goals of the hub's daily figures: on which side of which figure they are met.
TARGETS = {
    "pool_clear_rate": ("at_least", "0.95"),
    "avg_reply_minutes": ("at_most", "30"),
    "overdue_rate": ("at_most", "0.05"),
}
