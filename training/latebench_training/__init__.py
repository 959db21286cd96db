"""Trains the built-in encoders and exports them to ONNX. See README.md."""
