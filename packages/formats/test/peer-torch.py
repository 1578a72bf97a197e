"""Writes and reads the files of peer-torch.shared.test.ts with PyTorch: `python3 peer-torch.py write|read FOLDER`."""
import json, sys
from collections import OrderedDict
import numpy, torch

def described(value):
    if isinstance(value, torch.Tensor):
        flat = value.contiguous().flatten()
        numbers = flat.double() if flat.dtype not in (torch.int64, torch.bool) else flat
        return {'dtype': str(value.dtype), 'shape': list(value.shape), 'values': [float(x) for x in numbers.tolist()]}
    if isinstance(value, dict):
        return {str(k): described(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [type(value).__name__] + [described(v) for v in value]
    return value

def large():
    """Two hundred tensors of 2 MiB: 400 MiB."""
    return OrderedDict((f'layer.{i}.weight', torch.full((512, 1024), float(i))) for i in range(200))

command, folder = sys.argv[1:]
if command == 'write':
    torch.save(large(), f'{folder}/large-zip.pth')
    torch.save(large(), f'{folder}/large-legacy.pth', _use_new_zipfile_serialization=False)
    base = torch.arange(48, dtype=torch.float32).reshape(4, 12)
    views = {'base': base, 'column': base[:, 3], 'turned': base.t(), 'part': base[1:3, ::2], 'expanded': torch.ones(1, 3).expand(4, 3),
             'parameter': torch.nn.Parameter(torch.tensor([1.5])), 'short': torch.tensor([-3], dtype=torch.int16),
             'char': torch.tensor([-3], dtype=torch.int8), 'double': torch.tensor([1 / 3], dtype=torch.float64),
             'half': torch.tensor([0.1], dtype=torch.float16), 'bfloat': torch.tensor([0.1]).bfloat16()}
    for name, form in (('views', True), ('views-legacy', False)):
        torch.save(views, f'{folder}/{name}.pth', _use_new_zipfile_serialization=form)
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(4, 3)).sum().backward(); optimizer.step()
    torch.save({'epoch': 3, 'lr': numpy.float64(1e-4), 'state_dict': model.state_dict(), 'optimizer': optimizer.state_dict()}, f'{folder}/checkpoint.pth')
    torch.save(model, f'{folder}/whole-model.pth')
    json.dump({'views': described(views), 'state_dict': described(model.state_dict())}, open(f'{folder}/expected.json', 'w'))
    numpy.savez_compressed(f'{folder}/packed.npz', a=numpy.arange(6, dtype=numpy.float32).reshape(2, 3), f=numpy.asfortranarray(numpy.arange(6).reshape(2, 3)))
else:
    result = {}
    for name in ('zip', 'legacy', 'zip64'):
        try:
            result[name] = described(torch.load(f'{folder}/{name}.pth'))
        except Exception as error:
            result[name] = repr(error)
    for name in ('plain-zip', 'plain-legacy'):
        result[name] = described(torch.load(f'{folder}/{name}.pth', weights_only=True))
    with numpy.load(f'{folder}/own.npz') as arrays:
        result['npz'] = {k: {'dtype': str(v.dtype), 'shape': list(v.shape), 'values': v.flatten().tolist()} for k, v in arrays.items()}
    print(json.dumps(result))
