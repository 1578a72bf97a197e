"""Writes deform-conv2d.torchvision.json: values and gradients of torchvision.ops.deform_conv2d in float64.

python3 make-deform-conv2d-fixture.py > deform-conv2d.torchvision.json

Inputs come from names, as `uniform(name, length, low, high)` of the testing package makes them (NHWC, HWIO order).
"""
import json
import numpy
import torch
import torchvision

CASES = [
    # name, batch, H, W, C, O, kernel, stride, padding, dilation, groups, offset groups, offset range
    ("plain", 1, 5, 6, 2, 3, (3, 3), 1, 1, 1, 1, 1, 1.5),
    ("four offset groups", 2, 4, 4, 8, 4, (3, 3), 1, 1, 1, 1, 4, 1.5),
    ("stride 2", 1, 7, 6, 2, 3, (3, 3), 2, 1, 1, 1, 1, 1.5),
    ("dilation 2", 1, 6, 7, 2, 2, (3, 3), 1, 2, 2, 1, 1, 1.5),
    ("no padding", 2, 5, 5, 2, 2, (3, 3), 1, 0, 1, 1, 2, 1.5),
    ("groups", 1, 4, 5, 4, 6, (3, 3), 1, 1, 1, 2, 2, 1.5),
    ("groups unlike offset groups", 1, 4, 4, 8, 4, (3, 3), 1, 1, 1, 4, 2, 1.5),
    ("1x1", 2, 3, 4, 3, 2, (1, 1), 1, 0, 1, 1, 1, 2.0),
    ("1x3 stride 2 dilation 2 padding 3", 1, 5, 6, 2, 2, (1, 3), 2, 3, 2, 1, 1, 2.0),
    ("far outside", 1, 4, 4, 2, 2, (3, 3), 1, 1, 1, 1, 1, 8.0),
]


def fnv1a(text):
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def uniform(name, length, low, high):
    mask = 0xFFFFFFFF
    state, values = fnv1a(name), []
    for _ in range(length):
        state = (state + 0x6D2B79F5) & mask
        t = state
        t = ((t ^ (t >> 15)) * (t | 1)) & mask
        t ^= (t + ((t ^ (t >> 7)) * (t | 61) & mask)) & mask
        values.append(low + (high - low) * ((t ^ (t >> 14)) & mask) / 4294967296)
    return numpy.array(values, dtype=numpy.float32).astype(numpy.float64)


def tensor(name, shape, order, low=-1.0, high=1.0):
    data = uniform(name, int(numpy.prod(shape)), low, high).reshape(shape).transpose(order)
    return torch.tensor(numpy.ascontiguousarray(data), requires_grad=True)


def numbers(value, order):
    return [float(f"{x:.7g}") for x in value.detach().permute(order).contiguous().flatten().tolist()]


cases = []
for name, batch, height, width, channels, filters, kernel, stride, padding, dilation, groups, offset_groups, reach in CASES:
    out = [(size + 2 * padding - dilation * (k - 1) - 1) // stride + 1 for size, k in zip((height, width), kernel)]
    points = kernel[0] * kernel[1]
    nchw, oihw = (0, 3, 1, 2), (3, 2, 0, 1)
    x = tensor(f"{name}/x", (batch, height, width, channels), nchw)
    offset = tensor(f"{name}/offset", (batch, *out, offset_groups * points * 2), nchw, -reach, reach)
    weight = tensor(f"{name}/filter", (*kernel, channels // groups, filters), oihw)
    coefficients = tensor(f"{name}/coefficients", (batch, *out, filters), nchw)
    y = torchvision.ops.deform_conv2d(x, offset, weight, None, stride, padding, dilation)
    (y * coefficients).sum().backward()
    cases.append({
        "name": name, "x": [batch, height, width, channels], "offset": [batch, *out, offset_groups * points * 2],
        "filter": [*kernel, channels // groups, filters], "reach": reach,
        "options": {"stride": stride, "padding": padding, "dilation": dilation, "offsetGroups": offset_groups},
        "y": numbers(y, (0, 2, 3, 1)),
        "gradients": {
            "x": numbers(x.grad, (0, 2, 3, 1)),
            "offset": numbers(offset.grad, (0, 2, 3, 1)),
            "filter": numbers(weight.grad, (2, 3, 1, 0)),
        },
    })
print(json.dumps({
    "generator": "make-deform-conv2d-fixture.py",
    "command": "python3 make-deform-conv2d-fixture.py > deform-conv2d.torchvision.json",
    "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
    "seed": "names",
    "cases": cases,
}))
