"""Trains the built-in encoders and exports them to ONNX. See README.md."""

import os

# onnxruntime would queue events about this machine and its files for its makers; it reads this when it starts.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
