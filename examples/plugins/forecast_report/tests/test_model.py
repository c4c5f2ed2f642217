from forecast_report.model import forecast


def test_a_straight_line_goes_on():
    assert [round(v, 6) for v in forecast([1, 2, 3, 4], 2)] == [5.0, 6.0]
