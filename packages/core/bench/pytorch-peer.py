"""The layers of RefCLIP in PyTorch with random weights, timed on request: the other side of `pnpm bench`.

Reads one word a line from standard input (forward, official, step), runs it once and answers with a line of JSON: {"ms": …, "cpuMs": …, "about": …}.
forward: detector with the stride-32 head, needed fusion, text, one image; official: all three heads and the unused projections too;
step: a training step of fusion and text from features of four images (forward, backward, clipping, Adam, moving average).
PEER_DEVICE: cpu (default) or cuda. As is usual, inputs are copied to the device in each run and the result is waited for.
"""

import json
import os
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn
from torchvision.ops import deform_conv2d


class Unit(nn.Module):
    """Convolution, BatchNorm, LeakyReLU."""

    def __init__(self, channels, filters, kernel, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(channels, filters, kernel, stride, (kernel - 1) // 2, bias=False)
        self.norm = nn.BatchNorm2d(filters)

    def forward(self, x):
        return F.leaky_relu(self.norm(self.conv(x)), 0.1)


class Residual(nn.Module):
    def __init__(self, channels, blocks, shortcut=True):
        super().__init__()
        self.shortcut = shortcut
        make = lambda: nn.Sequential(Unit(channels, channels // 2, 1), Unit(channels // 2, channels, 3))
        self.blocks = nn.ModuleList(make() for _ in range(blocks))

    def forward(self, x):
        for block in self.blocks:
            x = x + block(x) if self.shortcut else block(x)
        return x


class Head(nn.Module):
    """Guided anchors: shapes, offsets, deformable convolution, predictions."""

    def __init__(self, channels, boxes=4, classes=80):
        super().__init__()
        self.guide = nn.Conv2d(channels, 2 * boxes, 1)
        self.offset = nn.Conv2d(2 * boxes, 18 * boxes, 1, groups=boxes)
        self.adapt = nn.Conv2d(channels, channels, 3)
        self.out = nn.Conv2d(channels, boxes * (5 + classes), 1)

    def forward(self, x):
        offset = self.offset(self.guide(x).detach())
        return self.out(deform_conv2d(x, offset, self.adapt.weight, self.adapt.bias, padding=1))


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        stages, channels = [], 32
        for blocks in (1, 2, 8, 8, 4):
            stages.append(nn.Sequential(Unit(channels, 2 * channels, 3, 2), Residual(2 * channels, blocks)))
            channels *= 2
        self.stem, self.stages = Unit(3, 32, 3), nn.ModuleList(stages)
        self.a = nn.Sequential(Residual(1024, 1, False), Unit(1024, 512, 1))
        self.b = nn.Sequential(Unit(2048, 512, 1), Unit(512, 1024, 3), Unit(1024, 512, 1))
        self.last13 = Unit(512, 1024, 3)
        self.up26, self.join26 = Unit(512, 256, 1), Unit(768, 256, 1)
        self.neck26 = nn.Sequential(Unit(256, 512, 3), Residual(512, 1, False), Unit(512, 256, 1))
        self.last26 = Unit(256, 512, 3)
        self.up52, self.join52 = Unit(256, 128, 1), Unit(384, 128, 1)
        self.neck52 = nn.Sequential(Unit(128, 256, 3), Residual(256, 1, False), Unit(256, 128, 1))
        self.last52 = Unit(128, 256, 3)
        self.heads = nn.ModuleList(Head(channels) for channels in (1024, 512, 256))

    def forward(self, x, every_head):
        x, routes = self.stem(x), []
        for stage in self.stages:
            x = stage(x)
            routes.append(x)
        x = self.a(x)
        x = self.b(torch.cat([x] + [F.max_pool2d(x, k, 1, k // 2) for k in (5, 9, 13)], 1))
        f13 = self.last13(x)
        x = self.neck26(self.join26(torch.cat([F.interpolate(self.up26(x), scale_factor=2), routes[3]], 1)))
        f26 = self.last26(x)
        x = self.neck52(self.join52(torch.cat([F.interpolate(self.up52(x), scale_factor=2), routes[2]], 1)))
        f52 = self.last52(x)
        maps = (f13, f26, f52)
        return maps, [head(m) for head, m in zip(self.heads, maps if every_head else maps[:1])]


class Fusion(nn.Module):
    def __init__(self, hidden=1024):
        super().__init__()
        half = hidden // 2
        pair = lambda channels: nn.Sequential(Unit(channels, half, 1), Unit(half, half, 3))
        self.up = nn.ModuleList([pair(half + 512), pair(1024)])
        self.down = nn.ModuleList([pair(half + 256), pair(half + half + 512)])
        self.top, self.mid, self.bot = Unit(half + 1024, hidden, 1), Unit(2 * half + 512, hidden, 1), Unit(half + 256, hidden, 1)

    def forward(self, f13, f26, f52, everything=False):
        enlarge = lambda x: F.interpolate(x, scale_factor=2)
        middle = torch.cat([self.up[1](enlarge(f13)), f26], 1)
        large = torch.cat([self.up[0](enlarge(middle)), f52], 1)
        collected = torch.cat([self.down[0](F.avg_pool2d(large, 2)), middle], 1)
        small = torch.cat([self.down[1](F.avg_pool2d(collected, 2)), f13], 1)
        if everything:
            self.mid(collected), self.bot(large)
        return self.top(small)


class Block(nn.Module):
    def __init__(self, size=512, heads=8):
        super().__init__()
        self.heads = heads
        self.projections = nn.ModuleList(nn.Linear(size, size) for _ in range(4))
        self.ffn = nn.Sequential(nn.Linear(size, 4 * size), nn.ReLU(), nn.Dropout(0.1), nn.Linear(4 * size, size))
        self.norms = nn.ModuleList([nn.LayerNorm(size), nn.LayerNorm(size)])
        self.dropout = nn.Dropout(0.1)

    def forward(self, x, padded):
        batch, length, size = x.shape
        v, k, q = (p(x).view(batch, length, self.heads, -1).transpose(1, 2) for p in self.projections[:3])
        scores = q @ k.transpose(2, 3) / (size // self.heads) ** 0.5
        weights = self.dropout(scores.masked_fill(padded[:, None, None], -1e9).softmax(-1))
        attended = self.projections[3]((weights @ v).transpose(1, 2).reshape(batch, length, size))
        x = self.norms[0](x + self.dropout(attended))
        return self.norms[1](x + self.dropout(self.ffn(x)))


class Text(nn.Module):
    def __init__(self, words=10000, size=512):
        super().__init__()
        self.embedding = nn.Embedding(words, 300)
        self.embedding.weight.requires_grad_(False)
        self.gru = nn.GRU(300, size, batch_first=True)
        self.blocks = nn.ModuleList(Block(size) for _ in range(3))
        self.pool = nn.Sequential(nn.Linear(size, size // 2), nn.ReLU(), nn.Dropout(0.1), nn.Linear(size // 2, 1))
        self.merge = nn.Linear(size, size)

    def forward(self, tokens):
        padded = tokens == 0
        x, _ = self.gru(self.embedding(tokens))
        for block in self.blocks:
            x = block(x, padded)
        weights = self.pool(x)[..., 0].masked_fill(padded, -1e9).softmax(-1)
        return self.merge((weights[..., None] * x).sum(1))


class Trained(nn.Module):
    def __init__(self):
        super().__init__()
        self.fusion, self.text = Fusion(), Text()
        self.vision, self.language = nn.Linear(1024, 512), nn.Linear(512, 512)

    def forward(self, maps, tokens, everything=False):
        fused = self.fusion(*maps, everything).flatten(2).transpose(1, 2)[:, :17]
        return self.vision(fused), self.language(self.text(tokens))


def loss_of(anchors, texts):
    similarities = torch.einsum("td,ikd->tik", texts, anchors)
    (best, second), eye = similarities.topk(2, 2)[0].unbind(2), torch.eye(len(texts), dtype=torch.bool, device=texts.device)
    return F.cross_entropy(torch.cat([best, second.masked_fill(eye, -1e9)], 1), torch.arange(len(texts), device=texts.device))


torch.manual_seed(1)
torch.set_num_threads(int(os.environ.get("PEER_THREADS") or len(os.sched_getaffinity(0))))
device = os.environ.get("PEER_DEVICE") or "cpu"
detector, trained = Detector().eval().to(device), Trained().to(device)
image, tokens = torch.rand(1, 3, 416, 416), torch.randint(1, 10000, (4, 15))
features = (torch.rand(4, 1024, 13, 13), torch.rand(4, 512, 26, 26), torch.rand(4, 256, 52, 52))
parameters = [p for p in trained.parameters() if p.requires_grad]
optimizer = torch.optim.Adam(parameters, 1e-4)
averages = [p.detach().clone() for p in parameters]


def forward(everything):
    trained.eval()
    with torch.no_grad():
        maps, _ = detector(image.to(device), everything)
        vision, language = trained(maps, tokens[:1].to(device), everything)
        return vision.cpu(), language.cpu()


def step():
    trained.train()
    optimizer.zero_grad()
    loss = loss_of(*trained([f.to(device) for f in features], tokens.to(device)))
    loss.backward()
    used = [p for p in parameters if p.grad is not None]
    nn.utils.clip_grad_norm_(used, 0.15)
    optimizer.step()
    with torch.no_grad():
        for average, p in zip(averages, parameters):
            average.mul_(0.9997).add_(p, alpha=0.0003)
    return loss.item()


runs = {"forward": lambda: forward(False), "official": lambda: forward(True), "step": step}
for line in sys.stdin:
    started, used = time.perf_counter(), time.process_time()
    runs[line.strip()]()
    ms, cpu_ms = 1000 * (time.perf_counter() - started), 1000 * (time.process_time() - used)
    where = "on CUDA" if device == "cuda" else f"{torch.get_num_threads()} threads"
    print(json.dumps({"ms": ms, "cpuMs": cpu_ms, "about": f"PyTorch {torch.__version__}, {where}"}), flush=True)
