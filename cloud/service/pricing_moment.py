"""The one moment whose prices, tax rates and promotions count for a visit."""

from datetime import datetime

from cloud.adapters.database.visits import Visit


def priced_at(visit: Visit) -> datetime:
    """When the shopper left; before that, when they entered."""
    return visit.leaving.ts if visit.leaving else visit.entered_at or visit.created_at
