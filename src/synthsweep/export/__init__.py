"""A classifier for use elsewhere: the chosen one, or its configuration trained once more -> folder, ONNX, registry."""
