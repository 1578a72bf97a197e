"""Writes encoder.json: the text encoder at a small size in PyTorch (made with 1.13). Run: python3 encoder.py"""
import json
import math
import torch

WORDS, DIMENSION, HIDDEN, HEADS, LAYERS, TOKENS = 12, 5, 8, 2, 1, 6
torch.set_default_dtype(torch.float64)
tokens = torch.tensor([[3, 7, 4, 0, 0, 0], [5, 1, 9, 11, 2, 3]])
generator = torch.Generator().manual_seed(7)
parameters = {}


def parameter(name, *shape):
    values = (torch.rand(*shape, generator=generator) - 0.5).float().double()
    if 'norm' in name and name.endswith('weight'):
        values += 1
    parameters[name] = values.requires_grad_()
    return parameters[name]


def linear(name, x, size):
    weight = parameter(name + '.weight', size, x.shape[-1])
    return x @ weight.T + parameter(name + '.bias', size)


def norm(name, x):
    weight, bias = parameter(name + '.weight', x.shape[-1]), parameter(name + '.bias', x.shape[-1])
    return weight * (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + 1e-6) + bias


x = parameter('embedding.weight', WORDS, DIMENSION)[tokens]
gru = torch.nn.GRU(DIMENSION, HIDDEN, batch_first=True)
for name, tensor in gru.named_parameters():
    tensor.data = parameter('lstm.' + name, *tensor.shape).data
    parameters['lstm.' + name] = tensor
x, _ = gru(x)
padded = tokens == 0
for layer in range(LAYERS):
    at = f'sa_list.{layer}.'
    split = lambda y: y.view(2, TOKENS, HEADS, HIDDEN // HEADS).transpose(1, 2)
    v, k, q = (split(linear(at + 'mhatt.linear_' + c, x, HIDDEN)) for c in 'vkq')
    scores = (q @ k.transpose(-2, -1) / math.sqrt(HIDDEN // HEADS)).masked_fill(padded[:, None, None], -1e9)
    mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(2, TOKENS, HIDDEN)
    x = norm(at + 'norm1', x + linear(at + 'mhatt.linear_merge', mixed, HIDDEN))
    fed = linear(at + 'ffn.mlp.linear', torch.relu(linear(at + 'ffn.mlp.fc.linear', x, 4 * HIDDEN)), HIDDEN)
    x = norm(at + 'norm2', x + fed)
scores = linear('att_flat.mlp.linear', torch.relu(linear('att_flat.mlp.fc.linear', x, HIDDEN // 2)), 1)[..., 0]
weights = scores.masked_fill(padded, -1e9).softmax(-1)
sentence = linear('att_flat.linear_merge', (weights[..., None] * x).sum(1), HIDDEN)
factor = torch.linspace(-1, 1, sentence.numel()).view_as(sentence)
(sentence * factor).sum().backward()
flat = lambda t: [float(f'{value:.9g}') for value in t.detach().flatten()]
content = {
    'tokens': tokens.tolist(),
    'options': {'words': WORDS, 'dimension': DIMENSION, 'hidden': HIDDEN, 'heads': HEADS, 'layers': LAYERS},
    'parameters': {n: {'shape': list(t.shape), 'values': flat(t)} for n, t in parameters.items()},
    'gradients': {n: flat(t.grad) for n, t in parameters.items()},
    'tokenFeatures': flat(x),
    'sentenceEmbedding': flat(sentence),
    'factor': flat(factor),
}
with open('encoder.json', 'w') as file:
    json.dump(content, file)
