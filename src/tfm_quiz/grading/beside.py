"""What runs beside the student's code in the worker, and beside the reference on the trusted side: the same text.

It is sent to the worker, so it holds nothing secret; and nothing that it returns is believed more than what the
student's own functions return.
"""

import torch
from torch import nn


def find(target):
    """Nothing: that the target arrived says that its module could be imported and has it."""
    return


def construct(target, args, kwargs):
    """A module and its description: {"parameters", "buffers": name to shape, "tied": groups of names}."""
    module = target(*args, **kwargs)
    return module, describe(module)


def describe(module):
    """The structure of a module as data: what a changed constructor changes."""
    if not isinstance(module, nn.Module):
        raise TypeError("the constructor did not give an nn.Module")
    named = list(module.named_parameters(remove_duplicate=False))
    groups = {}
    for name, parameter in named:
        groups.setdefault(id(parameter), []).append(name)
    storages = {}
    for name, parameter in module.named_parameters():
        storages.setdefault(parameter.untyped_storage().data_ptr(), []).append(name)
    return {
        "parameters": {name: list(parameter.shape) for name, parameter in named},
        "buffers": {name: list(buffer.shape) for name, buffer in module.named_buffers()},
        "state": sorted(module.state_dict()),
        "tied": sorted([sorted(group) for group in [*groups.values(), *storages.values()] if len(group) > 1]),
    }


def load(module, state):
    """Put these weights in, and dropout to rest."""
    module.load_state_dict(state)
    module.eval()


def twice(target, args, kwargs):
    """The second of two equal calls, after the first result was overwritten."""
    first = target(*_copies(args), **_copies(kwargs))
    _overwrite(first)
    return target(*_copies(args), **_copies(kwargs))


def _copies(value):
    if isinstance(value, torch.Tensor):
        return value.clone()
    if isinstance(value, (list, tuple)):
        return type(value)(_copies(item) for item in value)
    if isinstance(value, dict):
        return {key: _copies(item) for key, item in value.items()}
    return value


def _overwrite(value):
    if isinstance(value, torch.Tensor):
        value.detach().untyped_storage().fill_(1)  # through the storage: an expanded tensor refuses fill_
    elif isinstance(value, (list, tuple)):
        for item in value:
            _overwrite(item)
    elif isinstance(value, dict):
        for item in value.values():
            _overwrite(item)
