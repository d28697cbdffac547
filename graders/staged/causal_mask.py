"""Runs beside the student's causal_mask."""


def made_on(causal_mask, length, device):
    """Where the mask of this device lies, and its shape. A tensor on "meta" has no values: no machine lacks it."""
    mask = causal_mask(length, device=device)
    return mask.device.type, list(mask.shape)
