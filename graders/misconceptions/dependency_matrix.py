"""What goes wrong with dependency_matrix."""

import torch


def _rows(f, x, reduce):
    """Gradient of the reduced output of each position with respect to x, (T, T, d)."""
    rows = []
    for position in range(x.shape[1]):
        output = f(x)[0, position]
        if not output.requires_grad:
            rows.append(torch.zeros_like(x[0]))
            continue
        (gradient,) = torch.autograd.grad(reduce(output), x, allow_unused=True)
        rows.append(torch.zeros_like(x[0]) if gradient is None else gradient[0])
    return torch.stack(rows)


def _weighted(output):
    """A random weighting of the features, under which nothing cancels."""
    return (output * torch.rand_like(output).add(0.5)).sum()


def sum_cancels(f, length, d):
    """You add up the features of an output before differentiating: what they have in common can cancel out.

    Hint: what is the sum over the features of a LayerNorm?
    Seen: teaching
    """
    x = torch.randn(1, length, d, requires_grad=True)
    return (_rows(f, x, torch.sum) != 0).any(dim=-1)


def squares_cancel(f, length, d):
    """You add up the squares of the features before differentiating: for outputs of fixed length that is a constant.

    Hint: what is the sum of the squares of a sine and a cosine?
    Seen: teaching
    """
    x = torch.randn(1, length, d, requires_grad=True)
    return (_rows(f, x, lambda output: (output * output).sum()) != 0).any(dim=-1)


def first_output_feature_only(f, length, d):
    """You look at the first feature of each output only; another feature may depend on what the first does not.

    Hint: what if the first feature is a constant?
    Seen: teaching
    """
    x = torch.randn(1, length, d, requires_grad=True)
    return (_rows(f, x, lambda output: output[0]) != 0).any(dim=-1)


def first_input_feature_only(f, length, d):
    """You look at the gradient of the first input feature only; an output may depend on another one.

    Hint: over which axes must you ask "is any of these not 0"?
    Seen: teaching
    """
    x = torch.randn(1, length, d, requires_grad=True)
    return _rows(f, x, _weighted)[..., 0] != 0


def gradients_summed(f, length, d):
    """You add up the gradient over the input features, where x - y has slopes 1 and -1, which cancel.

    Hint: is "the sum is not 0" the same as "one of them is not 0"?
    Seen: teaching
    """
    x = torch.randn(1, length, d, requires_grad=True)
    return _rows(f, x, _weighted).sum(dim=-1) != 0


def jacobian_transposed(f, length, d):
    """Your matrix is transposed: entry (i, j) asks whether output i depends on input j.

    Hint: for a causal layer the entries *below* the diagonal must be True.
    Seen: teaching
    """
    x = torch.randn(1, length, d, requires_grad=True)
    return (_rows(f, x, _weighted) != 0).any(dim=-1).T


def eps_too_large(f, length, d):
    """You count a derivative only above a threshold: a faint dependency is one too, and a leak may be faint.

    Hint: what does your function say about 1e-15 * x?
    Seen: teaching
    """
    x = torch.randn(1, length, d, requires_grad=True)
    return (_rows(f, x, _weighted).abs() > 1e-6).any(dim=-1)


def only_positive(f, length, d):
    """You count positive derivatives only; a negative one is a dependency as well.

    Hint: what does your function say about -x?
    Seen: teaching
    """
    jacobian = torch.autograd.functional.jacobian(f, torch.randn(1, length, d))
    return (jacobian > 0).reshape(length, -1, length, d).any(dim=-1).any(dim=1)


def reuses_grad_accumulator(f, length, d):
    """You call backward() once for every row on the same x: gradients add up, and each row holds the ones before it.

    Hint: what is in x.grad before the second backward()?
    Seen: teaching
    """
    x = torch.randn(1, length, d, requires_grad=True)
    total, rows = torch.zeros_like(x[0]), []
    for gradient in _rows(f, x, _weighted):
        total = total + gradient
        rows.append((total != 0).any(dim=-1))
    return torch.stack(rows)


def parameter_gradients_touched(f, length, d):
    """You call backward(), which adds to the stored gradients of the layer's parameters; those were to be left alone.

    Hint: which function of torch.autograd returns gradients instead of storing them?
    Seen: teaching
    """
    rows = []
    for position in range(length):
        x = torch.randn(1, length, d, requires_grad=True)
        output = f(x)[0, position]
        if output.requires_grad:
            _weighted(output).backward()
        rows.append(torch.zeros(length, dtype=torch.bool) if x.grad is None else (x.grad[0] != 0).any(dim=-1))
    return torch.stack(rows)


def parameter_gradients_zeroed(f, length, d):
    """You clear the stored gradients of the layer's parameters; they belong to the caller and were to be left alone.

    Hint: which function of torch.autograd returns gradients instead of storing them?
    Seen: teaching
    """
    rows = []
    for position in range(length):
        x = torch.randn(1, length, d, requires_grad=True)
        output = f(x)[0, position]
        if output.requires_grad:
            _weighted(output).backward()
        rows.append(torch.zeros(length, dtype=torch.bool) if x.grad is None else (x.grad[0] != 0).any(dim=-1))
    for parameter in getattr(f, "parameters", list)():
        parameter.grad = torch.zeros_like(parameter)
    return torch.stack(rows)


def all_outputs_at_once(f, length, d):
    """You differentiate the sum of all positions: every row tells only who influences anything at all.

    Hint: which output position does row i speak about?
    Seen: teaching
    """
    x = torch.randn(1, length, d, requires_grad=True)
    reached = (_rows(f, x, _weighted) != 0).any(dim=-1).any(dim=0)
    return reached.expand(length, length)


def at_zero(f, length, d):
    """You differentiate at an input of zeros, where a dependency such as a square has no slope.

    Hint: what is the derivative of x * x at 0, and at a random x?
    Seen: teaching
    """
    x = torch.zeros(1, length, d, requires_grad=True)
    return (_rows(f, x, _weighted) != 0).any(dim=-1)


def unused_crashes(f, length, d):
    """You fall over a function that ignores its input: there is no gradient to be had, which means all False.

    Hint: try f = lambda x: torch.ones(1, 3, 2).
    Seen: teaching
    """
    x = torch.randn(1, length, d, requires_grad=True)
    rows = [torch.autograd.grad(_weighted(f(x)[0, position]), x)[0][0] for position in range(length)]
    return (torch.stack(rows) != 0).any(dim=-1)


def magnitudes(f, length, d):
    """You return how large the derivatives are; asked for was whether there are any, as booleans.

    Hint: what is the dtype of your result?
    Seen: teaching
    """
    x = torch.randn(1, length, d, requires_grad=True)
    return _rows(f, x, _weighted).abs().sum(dim=-1)


def batch_axis_kept(f, length, d):
    """You return the matrix with a batch axis in front; it is (T, T).

    Hint: what is the shape of your result?
    Seen: teaching
    """
    x = torch.randn(1, length, d, requires_grad=True)
    return (_rows(f, x, _weighted) != 0).any(dim=-1).unsqueeze(0)


def inverted(f, length, d):
    """Your matrix says True where there is *no* dependency.

    Hint: what should a layer say that only copies each position?
    Seen: teaching
    """
    x = torch.randn(1, length, d, requires_grad=True)
    return (_rows(f, x, _weighted) == 0).all(dim=-1)


def assumes_causality(f, length, d):
    """You cut off what is above the diagonal, as if every layer were causal: the leaks are just what you would miss.

    Hint: what should an unmasked layer give?
    Seen: teaching
    """
    x = torch.randn(1, length, d, requires_grad=True)
    return (_rows(f, x, _weighted) != 0).any(dim=-1).tril()
