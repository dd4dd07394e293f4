"""As most tutorials serve a model: FastAPI, a pydantic body, a DataFrame a request."""

import os
import pickle
from pathlib import Path
from typing import Any

import pandas as pd
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
model = pickle.loads(Path(os.environ["MODEL"]).read_bytes())


class Body(BaseModel):
    query: list[dict[str, float]]


@app.get("/ready")
def ready() -> str:
    return "ready"


@app.post("/predict")
def predict(body: Body) -> dict[str, Any]:
    frame = pd.DataFrame(body.query)
    return {"prediction": model.predict(frame.to_numpy()).tolist()}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
