#!/bin/sh
# Serve. Replicas share the volume of predictions, so each has a folder of its own there.
set -eu
export SPIKE_PREDICTION_LOG="$SPIKE_PREDICTION_LOG/$(hostname)"
exec bentoml serve
