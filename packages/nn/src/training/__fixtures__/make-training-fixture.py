"""Writes training.torch.json: four steps of a small network with PyTorch's clipping and Adam, and the moving average.

python3 make-training-fixture.py > training.torch.json
"""
import copy
import json
import torch

torch.manual_seed(20261124)
torch.set_default_dtype(torch.float64)
LEARNING_RATES = [1e-3, 2e-2, 1e-2, 5e-3]
MAX_NORM, BETAS, EPSILON, DECAY = 0.15, (0.9, 0.98), 1e-9, 0.15


def numbers(tensor):
    return {"shape": list(tensor.shape), "data": [float(f"{x:.9g}") for x in tensor.detach().flatten().tolist()]}


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(2, 3, 3, padding=1, bias=False)
        self.batch_norm = torch.nn.BatchNorm2d(3)
        self.fc = torch.nn.Linear(3, 2)
        self.unused = torch.nn.Linear(2, 2)

    def forward(self, x):
        y = torch.nn.functional.leaky_relu(self.batch_norm(self.conv(x)), 0.1)
        return self.fc((y * y).mean((2, 3)))


network = Network()
with torch.no_grad():
    network.batch_norm.weight.uniform_(0.5, 1.5)
    network.batch_norm.bias.uniform_(-0.5, 0.5)
start = {name: numbers(value) for name, value in network.state_dict().items()}
average = copy.deepcopy(network.state_dict())
optimizer = torch.optim.Adam(network.parameters(), lr=1, betas=BETAS, eps=EPSILON)
steps = []
for updates, rate in enumerate(LEARNING_RATES):
    # The second batch is small enough not to be clipped.
    scale = 0.02 if updates == 1 else 1
    x, target = torch.randn(2, 2, 4, 4), torch.randn(2, 2) * scale
    optimizer.param_groups[0]["lr"] = rate
    optimizer.zero_grad()
    difference = network(x) * scale - target
    loss = (difference ** 2).mean()
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(network.parameters(), MAX_NORM)
    optimizer.step()
    decay = min(DECAY, (1 + updates) / (10 + updates))
    for name, value in network.state_dict().items():
        if value.dtype.is_floating_point:
            average[name] = average[name] * decay + (1 - decay) * value
        else:
            average[name] = value.clone()
    steps.append({
        "x": numbers(x.permute(0, 2, 3, 1).contiguous()),
        "target": numbers(target),
        "scale": scale,
        "learningRate": rate,
        "loss": loss.item(),
        "gradientNorm": norm.item(),
        "state": {name: numbers(value) for name, value in network.state_dict().items()},
        "average": {name: numbers(value) for name, value in average.items()},
    })
print(json.dumps({
    "generator": "make-training-fixture.py",
    "command": "python3 make-training-fixture.py > training.torch.json",
    "versions": {"torch": torch.__version__},
    "seed": 20261124,
    "options": {"maxGradientNorm": MAX_NORM, "beta1": BETAS[0], "beta2": BETAS[1], "epsilon": EPSILON, "decay": DECAY},
    "start": start,
    "steps": steps,
}))
