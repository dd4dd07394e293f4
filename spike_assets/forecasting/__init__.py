"""The price of the coming months: forecast, tested on the past, explained, and judged.

`publication` says when each series is known. `inputs` makes the table that the forecaster is
given, `data` is that table as arrays, `features` the rows made of it. `forecaster` and
`seasonal_drift` forecast, `contributions` explains, `intervals` says how sure. `rolling_origin`
forecasts the past as if it were to come; `rivals` and `notebook_rival` do the same by other means;
`table` lays it out, `scores` scores it, `backtest` puts it together, `report` writes it down.
`training` and `trained_forecaster` make what is served, `gate` judges it.

The service loads `data`, `features`, `forecaster`, `seasonal_drift`, `contributions` and
`trained_forecaster`; these import no pandas.
"""
