"""Ask the service for the coming months with BentoML's client, and print them.

    .venv/bin/python examples/forecast.py [http://127.0.0.1:5000]

If the service wants a key, it is taken from SPIKE_API_KEY.
"""

import os
import sys

import bentoml

url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:5000"

with bentoml.SyncHTTPClient(url, token=os.environ.get("SPIKE_API_KEY")) as client:
    answer = client.forecast({"horizon": 6, "levels": [80]})

print(f"{answer['last_observed_month']}: {answer['last_observed_price_clp_per_litre']:.2f}, paid")
for month in answer["forecasts"]:
    interval = month["intervals"][0]
    print(
        f"{month['month']}: {month['price_clp_per_litre']:.2f} CLP per litre, "
        f"{interval['lower_clp_per_litre']:.2f} to {interval['upper_clp_per_litre']:.2f}"
    )
print(f"forecast by {answer['model']}" + (" (SYNTHETIC DATA)" if answer["synthetic"] else ""))
