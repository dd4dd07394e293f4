"""Models at run time: everything that the service loads to answer a request.

NumPy and fitted scikit-learn objects; no pandas and no training code. `forecaster` and `regressor`
are the two kinds of model. `price_series` and `forecast_features` are the input of a forecast,
`theta` and `shapley` its parts; `updated_forecast` extends it by new prices, `evaluation` scores
it.
"""
