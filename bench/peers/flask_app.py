"""As the notebook was first served: Flask's own server; each request loads model and frame."""

import os
import pickle

import pandas as pd
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)


@app.get("/ready")
def ready() -> str:
    return "ready"


@app.post("/predict")
def predict() -> ResponseReturnValue:
    with open(os.environ["MODEL"], "rb") as file:  # noqa: PTH123 (in the manner of others)
        model = pickle.load(file)
    query = pd.DataFrame(request.get_json()["query"])
    return jsonify({"prediction": model.predict(query.to_numpy()).tolist()})


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
