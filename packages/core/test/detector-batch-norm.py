"""RefCLIP at full size in PyTorch (float64, functional), with the detector's BatchNorm on batch statistics as the official training loop has it.

Writes __fixtures__/refclip-batch-norm.json:
    python3 detector-batch-norm.py refclip-refcoco.json state-dict-refcoco.json > __fixtures__/refclip-batch-norm.json
The two arguments are the parity fixture of the frozen reading and the names and shapes of all tensors; tensors, image and tokens are those of that fixture. First
the frozen reading is computed and held against it, so that a mistake here ends the program.
"""

import json
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torchvision.ops import deform_conv2d

precision = torch.float64
parity, shapes = (json.load(open(name)) for name in sys.argv[1:])


def uniform(name, size):
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = (seed ^ byte) * 0x01000193 & 0xFFFFFFFF
    with np.errstate(over="ignore"):
        t = np.uint32(seed) + np.arange(1, size + 1, dtype=np.uint32) * np.uint32(0x6D2B79F5)
        t = (t ^ (t >> np.uint32(15))) * (t | np.uint32(1))
        t ^= t + (t ^ (t >> np.uint32(7))) * (t | np.uint32(61))
        return (t ^ (t >> np.uint32(14))) / 4294967296.0


def generated(name, shape):
    u = uniform(name, int(np.prod(shape, dtype=np.int64)))
    if name.endswith(".num_batches_tracked"):
        values = 0 * u
    elif name.endswith(".running_var"):
        values = 0.75 + 0.5 * u
    elif name.endswith(".running_mean"):
        values = 0.2 * (u - 0.5)
    elif name.endswith(("batch_norm.weight", "norm1.weight", "norm2.weight")):
        values = 0.9 + 0.2 * u
    elif len(shape) == 1:
        values = 0.2 * (u - 0.5)
    elif "embedding" in name:
        values = 2 * u - 1
    else:
        convolution = 0.4 if ".module_list." in name and name.endswith(".1.conv.weight") else 1.35
        gain = convolution if len(shape) == 4 else 0.3 if name.startswith("linear_") else 1
        values = (2 * u - 1) * np.sqrt(3 / np.prod(shape[1:])) * gain
    return torch.tensor(values.astype(np.float32).reshape(shape)).to(precision)


class Model:
    def __init__(self, detector_batch):
        self.detector_batch = detector_batch
        self.tensors = {name: generated(name, shape) for name, shape in shapes.items()}
        for name, tensor in self.tensors.items():
            frozen = name.startswith("visual_encoder.") or "embedding" in name or "running_" in name or "num_batches" in name
            tensor.requires_grad_(not frozen)

    def __getitem__(self, name):
        return self.tensors[name]

    def unit(self, name, x, batch, stride=1):
        weight = self[f"{name}.conv.weight"]
        y = F.conv2d(x, weight, stride=stride, padding=weight.shape[-1] // 2)
        mean, variance, gamma, beta = (self[f"{name}.batch_norm.{k}"] for k in ("running_mean", "running_var", "weight", "bias"))
        return F.leaky_relu(F.batch_norm(y, mean, variance, gamma, beta, training=batch, momentum=0.1), 0.1)

    def detect(self, x):
        at = lambda *path: ".".join(["visual_encoder.module_list", *map(str, path)])
        unit = lambda index, x, stride=1: self.unit(at(index), x, self.detector_batch, stride)

        def residual(index, x, shortcut=True):
            block = 0
            while at(index, "module_list", block, 0, "conv.weight") in self.tensors:
                y = x
                for half in (0, 1):
                    y = self.unit(at(index, "module_list", block, half), y, self.detector_batch)
                x = x + y if shortcut else y
                block += 1
            return x

        x = residual(2, unit(1, unit(0, x), 2))
        x = residual(4, unit(3, x, 2))
        route52 = residual(6, unit(5, x, 2))
        route26 = residual(8, unit(7, route52, 2))
        x = residual(11, residual(10, unit(9, route26, 2)), False)
        x = unit(12, x)
        x = unit(14, torch.cat([x] + [F.max_pool2d(x, k, 1, k // 2) for k in (5, 9, 13)], 1))
        neck13 = unit(17, unit(15, x))
        x = unit(22, torch.cat([F.interpolate(unit(20, neck13), scale_factor=2), route26], 1))
        neck26 = unit(26, residual(25, unit(23, x), False))
        x = unit(31, torch.cat([F.interpolate(unit(29, neck26), scale_factor=2), route52], 1))
        maps = unit(18, neck13), unit(27, neck26), unit(36, unit(35, residual(34, unit(32, x), False)))
        return maps, self.head(at(19), maps[0])

    def head(self, name, feature):
        """Boxes of stride 32, [B, cells, 4, 85]."""
        conv = lambda part, x, **options: F.conv2d(x, self[f"{name}.{part}.weight"], self[f"{name}.{part}.bias"], **options)
        guide = conv("guide_wh", feature)
        offset_name = f"{name}.Feature_adaption.conv_offset"
        bias = self.tensors.get(f"{offset_name}.bias")
        offset = F.conv2d(guide.detach(), self[f"{offset_name}.weight"], bias, groups=4)
        dconv = f"{name}.Feature_adaption.dconv"
        adapted = deform_conv2d(feature, offset, self[f"{dconv}.weight"], self[f"{dconv}.bias"], padding=1)
        batch, _, height, width = feature.shape
        cells = lambda x, n: x.view(batch, 4, n, height * width).permute(0, 3, 1, 2)
        raw, guide = cells(conv("conv", adapted), 85), cells(guide, 2)
        priors = torch.tensor([[116, 90], [156, 198], [121, 240], [128, 128]]).to(precision) * guide.exp()
        grid = torch.stack([torch.arange(height * width) % width, torch.arange(height * width) // width], 1)[None, :, None]
        xy = (raw[..., :2].sigmoid() + grid) * 32
        return torch.cat([xy, raw[..., 2:4].exp() * priors, raw[..., 4:].sigmoid()], -1)

    def fuse(self, maps, batch):
        pair = lambda name, x: self.unit(f"multi_scale_manner.{name}.2", self.unit(f"multi_scale_manner.{name}.1", x, batch), batch)
        f13, f26, f52 = maps
        up = lambda x: F.interpolate(x, scale_factor=2)
        middle = torch.cat([pair("up_modules.1", up(f13)), f26], 1)
        large = torch.cat([pair("up_modules.0", up(middle)), f52], 1)
        collected = torch.cat([pair("down_modules.0", F.avg_pool2d(large, 2)), middle], 1)
        small = torch.cat([pair("down_modules.1", F.avg_pool2d(collected, 2)), f13], 1)
        return self.unit("multi_scale_manner.top_proj", small, batch)

    def linear(self, name, x):
        return F.linear(x, self[f"{name}.weight"], self[f"{name}.bias"])

    def text(self, tokens):
        padded, x = tokens == 0, self["lang_encoder.embedding.weight"][tokens]
        w_ih, w_hh, b_ih, b_hh = (self[f"lang_encoder.lstm.{k}_l0"] for k in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
        state, states = torch.zeros(len(tokens), 512).to(precision), []
        for step in range(tokens.shape[1]):
            (ir, iz, inn), (hr, hz, hn) = F.linear(x[:, step], w_ih, b_ih).chunk(3, 1), F.linear(state, w_hh, b_hh).chunk(3, 1)
            z = (iz + hz).sigmoid()
            state = (1 - z) * (inn + (ir + hr).sigmoid() * hn).tanh() + z * state
            states.append(state)
        x = torch.stack(states, 1)
        for block in range(3):
            name = f"lang_encoder.sa_list.{block}"
            v, k, q = (self.linear(f"{name}.mhatt.linear_{p}", x).view(len(tokens), -1, 8, 64).transpose(1, 2) for p in "vkq")
            weights = (q @ k.transpose(2, 3) / 8).masked_fill(padded[:, None, None], -1e9).softmax(-1)
            attended = (weights @ v).transpose(1, 2).reshape(x.shape)
            x = self.norm(f"{name}.norm1", x + self.linear(f"{name}.mhatt.linear_merge", attended))
            x = self.norm(f"{name}.norm2", x + self.linear(f"{name}.ffn.mlp.linear", self.linear(f"{name}.ffn.mlp.fc.linear", x).relu()))
        scores = self.linear("lang_encoder.att_flat.mlp.linear", self.linear("lang_encoder.att_flat.mlp.fc.linear", x).relu())[..., 0]
        weights = scores.masked_fill(padded, -1e9).softmax(-1)
        return self.linear("lang_encoder.att_flat.linear_merge", (weights[..., None] * x).sum(1))

    def norm(self, name, x):
        return self[f"{name}.weight"] * (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + 1e-6) + self[f"{name}.bias"]

    def loss(self, fused, boxes, tokens):
        cells = boxes[..., 4].mean(-1).topk(17, 1)[1].sort(1)[0]
        flat = fused.flatten(2).transpose(1, 2)
        anchors = self.linear("linear_vs", flat.gather(1, cells[..., None].expand(-1, -1, flat.shape[2])))
        similarities = torch.einsum("td,ikd->tik", self.linear("linear_ts", self.text(tokens)), anchors)
        best, second = similarities.topk(2, 2)[0].unbind(2)
        others = second[~torch.eye(len(tokens), dtype=torch.bool)].view(len(tokens), -1)
        return cells, F.cross_entropy(torch.cat([best, others], 1), torch.arange(len(tokens)))


def summary(tensor, name):
    flat = tensor.detach().double().flatten()
    at = sorted({int(u * len(flat)) for u in uniform("at:" + name, 32)})
    return {"size": len(flat), "mean": flat.mean().item(), "std": flat.std(unbiased=False).item() if len(flat) > 1 else 0.0,
            "l2": flat.norm().item(), "at": at, "values": [flat[i].item() for i in at]}


def run(detector_batch, dtype=torch.float64):
    global precision
    precision = dtype
    model = Model(detector_batch)
    tokens = torch.tensor(parity["tokens"])
    image = (uniform(parity["config"]["image"], 3 * 3 * 416 * 416) * 4 - 2).astype(np.float32)
    maps, boxes = model.detect(torch.tensor(image).to(precision).view(3, 3, 416, 416))
    cells, loss = model.loss(model.fuse(maps, True), boxes, tokens)
    loss.backward()
    return model, maps, boxes, cells, loss


def noise(grads, detector_batch):
    """How far PyTorch's own float32 gradients are from these: largest l2 of a difference over l2, and largest relative difference of norms."""
    single = run(detector_batch, torch.float32)[0]
    pairs = [(single[n].grad.double(), g) for n, g in grads.items()]
    return {"difference": max(((a - g).norm() / g.norm()).item() for a, g in pairs), "norm": max(abs(a.norm() / g.norm() - 1).item() for a, g in pairs)}


def gradients(model):
    """Those that are more than rounding."""
    return {n: t.grad for n, t in model.tensors.items() if t.grad is not None and t.grad.norm() > 1e-6 * len(t) ** 0.5}


def check(what, tensor, expected, tolerance):
    flat, rms = tensor.detach().flatten(), expected["l2"] / expected["size"] ** 0.5
    error = max(abs(flat.norm().item() / expected["l2"] - 1), max(abs(flat[i].item() - v) / rms for i, v in zip(expected["at"], expected["values"])))
    assert error < tolerance, f"{what}: off by {error}"


model, maps, boxes, cells, loss = run(False)
for name, tensor in zip(("features_13", "features_26", "features_52", "boxes_13"), (*maps, boxes)):
    check(name, tensor, parity["eval"][name], 1e-3)
assert abs(loss.item() - parity["train"]["loss"]) < 1e-4 and cells.tolist() == parity["eval"]["selected_cells"]
for name, expected in parity["train"]["grads"].items():
    if expected["l2"] > 1e-5:
        check(name, model[name].grad, expected, 0.05)
for name, expected in parity["train"]["running_stats"].items():
    check(name, model[name], expected, 1e-3)

frozen = gradients(model)
from_exact = lambda n, e: (sum((frozen[n].flatten()[i].item() - v) ** 2 for i, v in zip(e["at"], e["values"])) / len(e["at"]) / e["l2"] ** 2 * e["size"]) ** 0.5
noise_frozen = {**noise(frozen, False), "samples_of_fixture": max(from_exact(n, parity["train"]["grads"][n]) for n in frozen)}

model, maps, boxes, cells, loss = run(True)
grads = gradients(model)
result = {
    "origin": "detector-batch-norm.py: the model of refclip-refcoco.json with the detector on batch statistics, one training step, dropout off, float64",
    "torch": torch.__version__,
    "float32_noise_of_gradients": {"frozen": noise_frozen, "batch": noise(grads, True)},
    **{name: summary(t, name) for name, t in zip(("features_13", "features_26", "features_52", "boxes_13"), (*maps, boxes))},
    "selected_cells": cells.tolist(),
    "loss": loss.item(),
    "grad_norm": torch.stack([t.grad.norm() for t in model.tensors.values() if t.grad is not None]).norm().item(),
    "grads": {n: summary(g, n) for n, g in grads.items() if n.endswith((".conv.weight", "linear_vs.weight", "linear_ts.weight", "_l0"))},
    "running_stats": {n: summary(t, n) for n, t in model.tensors.items() if "running_" in n and ("multi_scale" in n or n.split(".")[2] in
                      ("0", "1", "5", "12", "14", "18", "27", "36")) and "mid_proj" not in n and "bot_proj" not in n},
}
print(json.dumps(result))
