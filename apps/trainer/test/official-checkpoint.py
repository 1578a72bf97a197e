"""The official code's side of official-checkpoint.shared.test.ts: `python3 official-checkpoint.py write|compare FOLDER SHAPES WORDS`.

write: a whole checkpoint as the official code saves one that was trained on several GPUs. compare: what came back, tensor by tensor.
"""
import json
import sys

import torch

command, folder, shapes, words = sys.argv[1:]
torch.manual_seed(3)


def tensor(name, shape):
    if name.endswith("num_batches_tracked"):
        return torch.tensor(7)
    if name == "lang_encoder.embedding.weight":
        shape = [int(words), *shape[1:]]
    return torch.rand(shape) + 0.5 if name.endswith("running_var") else torch.randn(shape) * 0.05


if command == "write":
    with open(shapes) as file:
        tensors = {f"module.{name}": tensor(name, shape) for name, shape in json.load(file).items()}
    moments = {0: {"step": torch.tensor(5.0), "exp_avg": torch.randn(3, 3)}}
    groups = [{"lr": 1e-4, "betas": (0.9, 0.98), "params": [0]}]
    optimizer = {"state": moments, "param_groups": groups}
    torch.save({"epoch": 7, "state_dict": tensors, "optimizer": optimizer, "scheduler": {"last_epoch": 3}, "lr": 1e-4}, f"{folder}/official.pth")
else:
    before = {name[len("module."):]: t for name, t in torch.load(f"{folder}/official.pth")["state_dict"].items()}
    returned = torch.load(f"{folder}/back.pth", weights_only=True)
    after = returned["state_dict"]
    same = [n for n, t in before.items() if n in after and t.dtype == after[n].dtype and torch.equal(t, after[n])]
    print(json.dumps({"epoch": returned["epoch"], "tensors": len(before), "returned": len(after), "same": len(same),
                      "elements": sum(t.numel() for t in before.values()), "projections": sum("mid_proj" in n or "bot_proj" in n for n in same)}))
