"""Training and evaluation: pandas and scikit-learn. The service never imports this package.

`forecast_inputs` builds the input table, `learners` fits the members, `forecaster` trains what is
served. `backtest` refits at every past origin, `baselines` and `notebook_baseline` do the same by
other means; `forecast_frame` lays forecasts out, `intervals` computes their widths, `metrics`
scores them, `report` writes the result down, and `gate` decides. `regressors` and `grid_search`
fit the notebook's two models. `compute` selects the joblib backend.
"""
