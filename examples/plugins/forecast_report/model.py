"""Exponential smoothing with a linear trend."""


def forecast(values, steps, level_weight=0.5, trend_weight=0.3):
    """The next `steps` values; needs at least two."""
    if len(values) < 2:
        raise ValueError("a forecast needs at least two values")
    level, trend = float(values[0]), float(values[1]) - float(values[0])
    for value in values[1:]:
        before = level
        level = level_weight * float(value) + (1 - level_weight) * (level + trend)
        trend = trend_weight * (level - before) + (1 - trend_weight) * trend
    return [level + trend * step for step in range(1, steps + 1)]
