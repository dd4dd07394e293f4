"""Save a pickled pipeline as a model of MLflow; run by the Python that has MLflow."""

import pickle
import sys
from pathlib import Path

import mlflow.sklearn

model = pickle.loads(Path(sys.argv[1]).read_bytes())
mlflow.sklearn.save_model(model, sys.argv[2], serialization_format="pickle")
