"""ONNX files as the app loads them: static shapes, folded constants, weights stored as fp16 plus Cast."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
GOLDEN_COUNT = 32
# Below this many elements an initialiser stays fp32: the Cast node would cost more than it saves.
SMALL = 64


def export(module: torch.nn.Module, shape: tuple[int, ...], name: str, outputs: list[str], path: Path) -> None:
    """Write ``module`` (eval mode, one input of static ``shape`` called ``name``) to ``path``."""
    with tempfile.TemporaryDirectory() as folder:
        raw, folded = Path(folder) / "raw.onnx", Path(folder) / "folded.onnx"
        torch.onnx.export(
            module,
            (torch.zeros(shape),),
            str(raw),
            dynamo=False,
            opset_version=OPSET,
            input_names=[name],
            output_names=outputs,
        )
        # onnxruntime's basic level folds constants, Pad and BatchNormalization into standard nodes only.
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(folded)
        onnxruntime.InferenceSession(str(raw), options, providers=["CPUExecutionProvider"])
        model = onnx.load(str(folded))
    fuse_pads(model.graph)
    store_weights_as_fp16(model.graph)
    domains = {node.domain for node in model.graph.node}
    if domains - {"", "ai.onnx"}:
        raise ValueError(f"only standard operators may be left, found domains {domains}")
    del model.opset_import[:]
    model.opset_import.append(helper.make_opsetid("", OPSET))
    del model.graph.value_info[:]
    model.producer_name, model.producer_version = "tracenet", ""
    model.doc_string = model.graph.doc_string = ""
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())


def fuse_pads(graph: onnx.GraphProto) -> None:
    """Move the zero padding of a Pad whose only reader is a Conv into that Conv, in place."""
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    readers = Counter(name for node in graph.node for name in node.input)
    pads = {node.output[0]: node for node in graph.node if node.op_type == "Pad"}
    for node in graph.node:
        pad = pads.get(node.input[0]) if node.op_type == "Conv" else None
        if pad is None or readers[pad.output[0]] != 1:
            continue
        amounts = constants[pad.input[1]]
        if amounts[[0, 1, 4, 5]].any():
            continue
        attribute = next(item for item in node.attribute if item.name == "pads")
        begin_end = [int(amounts[i]) + int(attribute.ints[j]) for j, i in enumerate((2, 3, 6, 7))]
        del attribute.ints[:]
        attribute.ints.extend(begin_end)
        node.input[0] = pad.input[0]
        graph.node.remove(pad)
    used = {name for node in graph.node for name in node.input}
    unused = [tensor for tensor in graph.initializer if tensor.name not in used]
    for tensor in unused:
        graph.initializer.remove(tensor)


def store_weights_as_fp16(graph: onnx.GraphProto) -> None:
    """Replace every larger fp32 initialiser by an fp16 one and a Cast back to fp32, in place."""
    casts, kept = [], []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or int(np.prod(tensor.dims)) < SMALL:
            kept.append(tensor)
            continue
        half = numpy_helper.to_array(tensor).astype(np.float16)
        if not np.isfinite(half).all():
            raise ValueError(f"{tensor.name} does not fit into fp16")
        kept.append(numpy_helper.from_array(half, f"{tensor.name}_fp16"))
        casts.append(
            helper.make_node(
                "Cast",
                [f"{tensor.name}_fp16"],
                [tensor.name],
                name=f"{tensor.name}_cast",
                to=TensorProto.FLOAT,
            )
        )
    nodes = list(graph.node)
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(casts + nodes)


def operators(path: Path) -> Counter:
    """How often each operator occurs."""
    return Counter(node.op_type for node in onnx.load(str(path)).graph.node)


def golden(path: Path, name: str, value: np.ndarray) -> dict[str, dict]:
    """32 evenly spaced values of every output for the golden input, by onnxruntime on the CPU."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    result = {}
    for key, array in zip(names, session.run(None, {name: value}), strict=True):
        flat = array.reshape(-1)
        count = min(GOLDEN_COUNT, flat.size)
        indices = [int(i * flat.size // count) for i in range(count)]
        result[key] = {
            "shape": list(array.shape),
            "indices": indices,
            "values": [round(float(flat[i]), 6) for i in indices],
        }
    return result
