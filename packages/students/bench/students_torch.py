"""Times the layers of SimREC and RealGIN in PyTorch, eagerly, as the official loops run them: the peer of students.bench.ts.

Random weights, the published sizes, from pixels in [0, 1]. The frozen layers run without gradients on running statistics.
Reads one word a line from standard input, `image` or `step`, runs it once and answers with a line of JSON: {"ms": …, "cpuMs": …, "about": …}.
Usage: python3 students_torch.py [simrec|realgin] [batch]
"""
import json
import os
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

name = sys.argv[1] if len(sys.argv) > 1 else "simrec"
batch = int(sys.argv[2]) if len(sys.argv) > 2 else 4


def unit(inputs, outputs, kernel, stride=1, padding=None, activation=None):
    padding = kernel // 2 if padding is None else padding
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False),
        nn.BatchNorm2d(outputs),
        activation or nn.LeakyReLU(0.1),
    )


def smooth(inputs, outputs, kernel, stride=1, padding=None):
    return unit(inputs, outputs, kernel, stride, padding, nn.SiLU())


class Bottlenecks(nn.Module):
    def __init__(self, channels, count):
        super().__init__()
        half = channels // 2
        self.through, self.around, self.out = smooth(channels, half, 1), smooth(channels, half, 1), smooth(channels, channels, 1)
        self.units = nn.ModuleList(nn.Sequential(smooth(half, half, 1), smooth(half, half, 3)) for _ in range(count))

    def forward(self, x):
        y = self.through(x)
        for block in self.units:
            y = y + block(y)
        return self.out(torch.cat([y, self.around(x)], 1))


class Pyramid(nn.Module):
    def __init__(self):
        super().__init__()
        self.narrow, self.out = smooth(1024, 512, 1), smooth(2048, 1024, 1)

    def forward(self, x):
        maps = [self.narrow(x)]
        for _ in range(3):
            maps.append(F.max_pool2d(maps[-1], 5, 1, 2))
        return self.out(torch.cat(maps, 1))


class Residual(nn.Module):
    def __init__(self, channels, count, shortcut=True):
        super().__init__()
        self.shortcut = shortcut
        self.units = nn.ModuleList(
            nn.Sequential(unit(channels, channels // 2, 1), unit(channels // 2, channels, 3)) for _ in range(count)
        )

    def forward(self, x):
        for block in self.units:
            x = x + block(x) if self.shortcut else block(x)
        return x


class Norm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(size)), nn.Parameter(torch.zeros(size))

    def forward(self, x):
        return self.weight * (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + 1e-6) + self.bias


class Text(nn.Module):
    def __init__(self, hidden, inner, glimpses):
        super().__init__()
        self.embedding = nn.Embedding(10000, 300)
        self.embedding.weight.requires_grad_(False)
        self.gru = nn.GRU(300, hidden, batch_first=True)
        self.q, self.k, self.v, self.merge = (nn.Linear(hidden, hidden) for _ in range(4))
        self.norm1, self.norm2 = Norm(hidden), Norm(hidden)
        self.ffn = nn.Sequential(nn.Linear(hidden, inner), nn.ReLU(), nn.Linear(inner, hidden))
        self.mlp = nn.Sequential(nn.Linear(hidden, hidden // 2), nn.ReLU(), nn.Linear(hidden // 2, glimpses))
        self.pool = nn.Linear(hidden, hidden)
        self.glimpses = glimpses

    def forward(self, tokens):
        padded = tokens == 0
        x, _ = self.gru(self.embedding(tokens))
        b, t, d = x.shape
        split = lambda y: y.view(b, t, 8, d // 8).transpose(1, 2)
        scores = split(self.q(x)) @ split(self.k(x)).transpose(2, 3) / (d // 8) ** 0.5
        weights = scores.masked_fill(padded[:, None, None], -1e9).softmax(-1)
        x = self.norm1(x + self.merge((weights @ split(self.v(x))).transpose(1, 2).reshape(b, t, d)))
        x = self.norm2(x + self.ffn(x))
        shares = self.mlp(x).masked_fill(padded[:, :, None], -1e9).softmax(1)
        return self.pool((shares[..., None] * x.view(b, t, self.glimpses, -1)).sum(1).reshape(b, d))


class Fusion(nn.Module):
    def __init__(self, channels, text, filters):
        super().__init__()
        project = lambda inputs: nn.Sequential(nn.Conv2d(inputs, filters, 1), nn.BatchNorm2d(filters), nn.LeakyReLU(0.1))
        self.v, self.q = project(channels), project(text)
        self.norm = nn.Sequential(nn.BatchNorm2d(filters), nn.LeakyReLU(0.1))

    def forward(self, x, text):
        return self.norm(self.v(x) * self.q(text[:, :, None, None]))


class Garan(nn.Module):
    """As published: whole maps of keys and values."""

    def __init__(self, text):
        super().__init__()
        self.q = nn.Linear(text, 512)
        self.kc, self.kd, self.v, self.o = (nn.Conv2d(512, 512, 1) for _ in range(4))
        self.norm = nn.BatchNorm2d(512)

    def forward(self, x, text):
        b, _, h, w = x.shape
        heads = lambda y: y.view(b, 2, 256, -1)
        q = self.q(text).view(b, 2, 1, 256)
        collect = (q @ heads(self.kc(x)) / 16).softmax(-1)
        glimpse = heads(self.v(x)) @ collect.transpose(2, 3)
        diffuse = torch.sigmoid(q @ heads(self.kd(x)) / 16)
        y = (glimpse @ diffuse).view(b, 512, h, w).transpose(2, 3)
        return F.leaky_relu(self.norm(self.o(y)) + x, 0.1)


class SimRec(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem8 = nn.Sequential(
            smooth(3, 64, 6, 2, 2), smooth(64, 128, 3, 2), Bottlenecks(128, 3), smooth(128, 256, 3, 2), Bottlenecks(256, 6)
        )
        self.stem16 = nn.Sequential(smooth(256, 512, 3, 2), Bottlenecks(512, 9))
        self.stem32 = smooth(512, 1024, 3, 2)
        self.frozen = [self.stem8, self.stem16, self.stem32]
        self.top = nn.Sequential(Bottlenecks(1024, 3), Pyramid())
        self.text = Text(512, 2048, 1)
        self.fusions = nn.ModuleList(Fusion(channels, 512, 512) for channels in (256, 512, 1024))
        pair = lambda inputs: nn.Sequential(unit(inputs, 256, 1), unit(256, 256, 3))
        self.up1, self.up0, self.down0, self.down1 = pair(512), pair(768), pair(768), pair(1024)
        self.out = unit(768, 512, 1)
        self.garan = Garan(512)
        self.head = nn.Sequential(smooth(512, 256, 1), smooth(256, 256, 3), smooth(256, 256, 3))
        self.boxes, self.objectness = nn.Conv2d(256, 4, 1), nn.Conv2d(256, 1, 1)

    def forward(self, images, tokens):
        with torch.no_grad():
            map8 = self.stem8(images)
            map16 = self.stem16(map8)
            stem = self.stem32(map16)
        text = self.text(tokens)
        l, m, s = (fuse(x, text) for fuse, x in zip(self.fusions, (map8, map16, self.top(stem))))
        large = lambda x: F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)
        m = torch.cat([self.up1(large(s)), m], 1)
        l = torch.cat([self.up0(large(m)), l], 1)
        m = torch.cat([self.down0(F.avg_pool2d(l, 2)), m], 1)
        s = torch.cat([self.down1(F.avg_pool2d(m, 2)), s], 1)
        y = self.head(self.garan(self.out(s), text))
        return self.boxes(y).flatten(2), self.objectness(y).flatten(1)


class RealGin(nn.Module):
    def __init__(self):
        super().__init__()
        stage = lambda channels, count: [unit(channels // 2, channels, 3, 2), Residual(channels, count)]
        self.stem8 = nn.Sequential(unit(3, 32, 3), *stage(64, 1), *stage(128, 2), *stage(256, 8))
        self.stem16 = nn.Sequential(*stage(512, 8))
        self.stem32 = nn.Sequential(*stage(1024, 4), Residual(1024, 2, False))
        self.frozen = [self.stem8, self.stem16, self.stem32]
        self.top = nn.Sequential(unit(1024, 512, 1), unit(512, 1024, 3))
        self.text = Text(1024, 2048, 8)
        branch = lambda channels: nn.Sequential(
            nn.Conv2d(channels, 256, 3, 1, 1), nn.BatchNorm2d(256), nn.LeakyReLU(0.1),
            nn.Conv2d(256, 512, 1), nn.BatchNorm2d(512), nn.LeakyReLU(0.1),
        )  # fmt: skip
        self.branches = nn.ModuleList(branch(channels) for channels in (256, 512, 1024))
        self.choice = nn.Linear(1024, 3)
        self.garan = Garan(1024)
        self.fusion = Fusion(512, 1024, 1024)
        self.head = nn.Conv2d(1024, 15, 1)

    def forward(self, images, tokens):
        with torch.no_grad():
            map8 = self.stem8(images)
            map16 = self.stem16(map8)
            stem = self.stem32(map16)
        text = self.text(tokens)
        maps = (F.avg_pool2d(map8, 4), F.avg_pool2d(map16, 2), self.top(stem))
        shares = self.choice(text).softmax(-1)
        x = sum(shares[:, i, None, None, None] * branch(x) for i, (branch, x) in enumerate(zip(self.branches, maps)))
        y = self.head(self.fusion(self.garan(x, text), text))
        b = len(y)
        y = y.view(b, 3, 5, -1)
        return y[:, :, :4].transpose(1, 2).reshape(b, 4, -1), y[:, :, 4].reshape(b, -1)


torch.manual_seed(1)
# Debian's build starts with one thread; the compiled engine uses every core.
torch.set_num_threads(len(os.sched_getaffinity(0)))
model = {"simrec": SimRec, "realgin": RealGin}[name]()
for part in model.frozen:
    part.requires_grad_(False)
tokens = lambda count: torch.tensor([[3 + i % 90 if i < 6 else 0 for i in range(15)]] * count)
one, many = torch.rand(1, 3, 416, 416), torch.rand(batch, 3, 416, 416)

trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
optimizer = torch.optim.Adam(trained, lr=1e-4, betas=(0.9, 0.98), eps=1e-9)
averages = [parameter.detach().clone() for parameter in trained]


def step():
    boxes, objectness = model(many, tokens(batch))
    # A loss over every output; assigning cells costs next to nothing beside the layers.
    loss = (boxes**2).mean() + F.binary_cross_entropy_with_logits(objectness, torch.zeros_like(objectness))
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(trained, 0.15)
    optimizer.step()
    with torch.no_grad():
        for average, parameter in zip(averages, trained):
            average.mul_(0.9997).add_(parameter, alpha=0.0003)


for line in sys.stdin:
    trains = line.strip() == "step"
    torch.set_grad_enabled(trains)
    model.train(trains)
    for part in model.frozen:
        part.eval()
    started, used = time.perf_counter(), time.process_time()
    step() if trains else model(one, tokens(1))
    ms, cpu_ms = 1000 * (time.perf_counter() - started), 1000 * (time.process_time() - used)
    print(json.dumps({"ms": ms, "cpuMs": cpu_ms, "about": f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads"}), flush=True)
