"""Ask the service for the price of milk in two months, and print its answer.

    python3 examples/predict.py [http://127.0.0.1:5000]

Needs nothing but Python. The two rows are in request.json, beside this file.
"""

import json
import sys
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

url = (sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:5000") + "/predict"
body = Path(__file__).with_name("request.json").read_bytes()

try:
    with urlopen(Request(url, data=body, headers={"Content-Type": "application/json"})) as response:
        prices = json.load(response)["prediction"]
        tag = response.headers["X-Model-Tag"]
        data = response.headers.get("X-Model-Data")
except HTTPError as error:
    sys.exit(f"{url} answered {error.code}: {json.load(error)['detail']}")
except URLError as error:
    sys.exit(f"{url} can't be reached ({error.reason}); is `make serve` running?")

for row, price in zip(json.loads(body)["query"], prices, strict=True):
    print(f"{row['ano']}-{row['mes']:02d}: {price:.2f} CLP per litre")
print(f"answered by {tag}" + (f" ({data})" if data else ""))
