"""Writes layers.torch.json: convBnLeaky in both modes with gradients, and grouped convolution, from PyTorch in float64.

python3 make-layers-fixture.py > layers.torch.json
"""
import json
import torch

torch.manual_seed(20261124)


def numbers(tensor):
    return {"shape": list(tensor.shape), "data": [float(f"{x:.9g}") for x in tensor.detach().flatten().tolist()]}


def nhwc(tensor):
    return numbers(tensor.permute(0, 2, 3, 1).contiguous())


class Unit(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 4, 3, stride=2, padding=1, bias=False)
        self.batch_norm = torch.nn.BatchNorm2d(4, eps=1e-5, momentum=0.1)

    def forward(self, x):
        return torch.nn.functional.leaky_relu(self.batch_norm(self.conv(x)), 0.1)


unit = Unit().double()
with torch.no_grad():
    unit.batch_norm.weight.uniform_(0.5, 1.5)
    unit.batch_norm.bias.uniform_(-0.5, 0.5)
    unit.batch_norm.running_mean.uniform_(-0.5, 0.5)
    unit.batch_norm.running_var.uniform_(0.5, 1.5)
start = {name: numbers(value) for name, value in unit.state_dict().items()}
x = torch.randn(2, 3, 5, 6, dtype=torch.double)
coefficients = torch.randn(2, 4, 3, 3, dtype=torch.double)
cases = {}
for mode in ("running", "batch"):
    unit.train(mode == "batch")
    inputs = x.clone().requires_grad_()
    unit.zero_grad()
    y = unit(inputs)
    (y * coefficients).sum().backward()
    cases[mode] = {
        "output": nhwc(y),
        "inputGradient": nhwc(inputs.grad),
        "gradients": {name: numbers(value.grad) for name, value in unit.named_parameters()},
        "statistics": {name: numbers(value) for name, value in unit.named_buffers()},
    }
grouped = torch.nn.Conv2d(4, 6, 3, padding=1, groups=2).double()
grouped_x = torch.randn(1, 4, 4, 3, dtype=torch.double)
print(json.dumps({
    "generator": "make-layers-fixture.py",
    "command": "python3 make-layers-fixture.py > layers.torch.json",
    "versions": {"torch": torch.__version__},
    "seed": 20261124,
    "state": start,
    "x": nhwc(x),
    "coefficients": nhwc(coefficients),
    "cases": cases,
    "grouped": {
        "state": {name: numbers(value) for name, value in grouped.state_dict().items()},
        "x": nhwc(grouped_x),
        "output": nhwc(grouped(grouped_x)),
    },
}))
