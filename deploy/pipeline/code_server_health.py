"""Ask the code server whether it serves, as `dagster api grpc-health-check` does.

That command imports Dagster each time, which takes seconds of a processor.
"""

import sys

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

with grpc.insecure_channel("127.0.0.1:4000") as channel:
    answer = HealthStub(channel).Check(HealthCheckRequest(service="DagsterApi"), timeout=5)
sys.exit(answer.status != HealthCheckResponse.SERVING)
