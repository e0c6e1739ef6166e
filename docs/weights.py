#!/usr/bin/env python3
"""Weights between taper and Python: safetensors files with nothing but numpy (the safetensors package does it, too).

    python3 weights.py model.pt model.safetensors  # a PyTorch state dict for taper::load(net, "model.safetensors")
    python3 weights.py net.safetensors net.pt      # and back for model.load_state_dict(torch.load("net.pt"))
"""
import json
import sys

import numpy as np

DTYPES = {"BOOL": "?", "U8": "u1", "I8": "i1", "I16": "<i2", "I32": "<i4", "I64": "<i8",
          "U16": "<u2", "U32": "<u4", "U64": "<u8", "F16": "<f2", "F32": "<f4", "F64": "<f8"}


def load(path):
    """{name: array}"""
    data = open(path, "rb").read()
    begin = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:begin])
    header.pop("__metadata__", None)
    for name, t in header.items():
        if t["dtype"] not in DTYPES:
            raise TypeError(f"load: the dtype must be one of {', '.join(DTYPES)}; got {t['dtype']} for '{name}'")
    return {name: np.frombuffer(data[begin + t["data_offsets"][0]:begin + t["data_offsets"][1]],
                                DTYPES[t["dtype"]]).reshape(t["shape"]).copy() for name, t in header.items()}


def save(arrays, path):
    """arrays: {name: array, or PyTorch tensor on the CPU}"""
    header, pieces, end = {}, [], 0
    for name, array in arrays.items():
        array = np.asarray(array)
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        code = next((code for code, dtype in DTYPES.items() if np.dtype(dtype) == array.dtype), None)
        if code is None:
            raise TypeError(f"save: the dtype must be one of {', '.join(DTYPES)}; got {array.dtype} for '{name}'")
        header[name] = {"dtype": code, "shape": array.shape, "data_offsets": [end, end + array.nbytes]}
        pieces.append(array.tobytes())
        end += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + b"".join(pieces))


def load_torch(path):
    """The state dict that torch.save wrote, or that of what torch.jit.save or libtorch's torch::save wrote."""
    try:
        return torch.jit.load(path, map_location="cpu").state_dict()
    except RuntimeError:  # no such archive
        return torch.load(path, map_location="cpu")


if __name__ == "__main__":
    import torch
    source, target = sys.argv[1:]
    if target.endswith(".safetensors"):
        save(load_torch(source), target)
    else:
        torch.save({name: torch.from_numpy(array) for name, array in load(source).items()}, target)
