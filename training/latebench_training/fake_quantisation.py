"""
Quantisation as onnxruntime's dynamic int8 does it, simulated in training: the student learns weights that survive it.

Activations: one range a tensor, 8 bits, unsigned with a zero point. Weights: symmetric, one scale an output channel, 7 bits
(`reduce_range`), as the export writes them. Gradients pass straight through (Jacob et al. 2018, section 3).
"""

import torch
from torch import nn


class QuantisedLinear(nn.Linear):
    """A linear layer whose input and weight are rounded while `simulate` is set."""

    simulate = False

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        if not self.simulate:
            return super().forward(inputs)
        weight = self.weight + (round_weight(self.weight) - self.weight).detach()
        return nn.functional.linear(inputs + (round_activation(inputs) - inputs).detach(), weight, self.bias)


def round_weight(weight: torch.Tensor) -> torch.Tensor:
    scale = weight.detach().abs().amax(1, keepdim=True) / 63
    return (weight.detach() / scale).round() * scale


def round_activation(values: torch.Tensor) -> torch.Tensor:
    values = values.detach()
    low, high = values.amin().clamp(max=0), values.amax().clamp(min=0)
    scale = ((high - low) / 255).clamp(min=1e-9)
    return (values / scale).round() * scale


def replace_linear_layers(module: nn.Module) -> None:
    """Turns every linear layer inside `module` into a QuantisedLinear with the same parameters."""
    for layer in module.modules():
        if type(layer) is nn.Linear:
            layer.__class__ = QuantisedLinear


def simulate(module: nn.Module, on: bool) -> None:
    for layer in module.modules():
        if isinstance(layer, QuantisedLinear):
            layer.simulate = on
