"""Regenerate golden_linear.npz: `python -m tests.oracles.make_golden_linear`.

Needs PyTorch, transformers (Mamba), LRU-pytorch and s5-pytorch; the last two without their dependencies.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).with_name("golden_linear.npz")
TIME = 9
# Settings as transformers calls them.
MIXERS = {
    "mamba": {"hidden_size": 4, "state_size": 3, "expand": 2, "conv_kernel": 4},
    "mamba, two ranks": {"hidden_size": 17, "state_size": 2, "expand": 1, "conv_kernel": 3},
}
INITIAL = ("A_log", "D", "dt_proj.bias", "dt_proj.weight")


def mixer(settings: dict[str, int], seed: int) -> dict[str, np.ndarray]:
    """Return weights, inputs, outputs and gradients of one MambaMixer, in its plain PyTorch form."""
    import torch
    from transformers import MambaConfig
    from transformers.models.mamba.modeling_mamba import MambaMixer

    torch.manual_seed(seed)
    config = MambaConfig(num_hidden_layers=1, vocab_size=8, **settings)
    module = MambaMixer(config, layer_idx=0).eval()
    initial = {name: value.detach().numpy().copy() for name, value in module.named_parameters() if name in INITIAL}
    rng = np.random.default_rng(seed)
    # Weights far from where they start, so that gates, steps and biases matter.
    scale = 1.0 / config.hidden_size**0.5
    weights = {name: rng.normal(0, scale, value.shape).astype("f4") for name, value in module.named_parameters()}
    module.load_state_dict({name: torch.tensor(value) for name, value in weights.items()})
    inputs, loss_weights = rng.standard_normal((2, TIME, config.hidden_size)).astype("f4")
    read = torch.tensor(inputs[None], requires_grad=True)
    outputs = module(read)[0]
    (outputs * torch.tensor(loss_weights)).sum().backward()
    facts = {"inputs": inputs, "loss_weights": loss_weights, "outputs": outputs.detach().numpy()}
    facts |= {f"weights/{name}": value for name, value in weights.items()}
    facts |= {f"gradients/{name}": value.grad.numpy() for name, value in module.named_parameters()}
    facts |= {f"initial/{name}": value for name, value in initial.items()}
    return {**facts, "gradients/inputs": read.grad[0].numpy()}


def lru() -> dict[str, np.ndarray]:
    """Return weights, inputs and outputs of the layer of LRU-pytorch, which is linear: no gate follows it."""
    import torch
    from LRU_pytorch import LRU

    torch.manual_seed(0)
    module = LRU(in_features=5, out_features=3, state_features=4, rmin=0.5, rmax=0.99)
    inputs = torch.randn(TIME, 5)
    facts = {"inputs": inputs.numpy(), "outputs": module(inputs).detach().numpy()}
    for name, value in module.named_parameters():
        array = value.detach().numpy()
        parts = {f"{name}_re": array.real, f"{name}_im": array.imag} if name in "BC" else {name: array}
        facts |= {f"weights/{part}": numbers for part, numbers in parts.items()}
    return facts


def s5() -> dict[str, np.ndarray]:
    """Return outputs of the state space of s5-pytorch, which keeps both numbers of each conjugate pair."""
    import torch
    from s5.init import make_DPLR_HiPPO
    from s5.s5_model import S5SSM

    rng, half, width = np.random.default_rng(0), 3, 4
    hippo = make_DPLR_HiPPO(2 * half)
    one = {
        "rate": -rng.uniform(0.2, 1, half) + 1j * rng.uniform(0, 6, half),
        "input": rng.standard_normal((half, width)) + 1j * rng.standard_normal((half, width)),
        "output": rng.standard_normal((width, half)) + 1j * rng.standard_normal((width, half)),
    }
    log_step, skip = rng.uniform(-3, 0, half), rng.standard_normal(width)
    inputs = torch.tensor(rng.standard_normal((TIME, width)), dtype=torch.float32)

    def both(numbers: np.ndarray, axis: int) -> torch.Tensor:
        return torch.tensor(np.concatenate([numbers, numbers.conj()], axis), dtype=torch.complex64)

    vectors = torch.eye(2 * half, dtype=torch.complex64)
    module = S5SSM(both(one["rate"], 0), vectors, vectors, width, 2 * half, 0.001, 0.1, bcInit="dense")
    b = both(one["input"], 0)
    with torch.no_grad():
        module.B.copy_(torch.stack([b.real, b.imag], -1))
        module.C.copy_(both(one["output"], 1))
        module.D.copy_(torch.tensor(skip))
        module.log_step.copy_(torch.tensor(np.tile(log_step, 2)).reshape(module.log_step.shape))
    state, outputs = torch.zeros(2 * half, dtype=torch.complex64), []
    for x in inputs:
        output, state = module.forward_rnn(x, state)
        outputs.append(output.detach().numpy())
    parts = {f"weights/{name}_{part}": getattr(value, part) for name, value in one.items() for part in ("real", "imag")}
    return {
        **parts,
        "weights/log_step": log_step,
        "weights/skip": skip,
        "inputs": inputs.numpy(),
        "outputs": np.array(outputs),
        "initial/frequencies": np.sort(np.asarray(hippo[0]).imag),
        "initial/decays": np.asarray(hippo[0]).real,
    }


def generate() -> dict[str, np.ndarray]:
    """Return all golden values, named case/fact."""
    cases = {case: mixer(settings, seed) for seed, (case, settings) in enumerate(MIXERS.items())}
    cases |= {"lru": lru(), "s5": s5()}
    return {f"{case}/{fact}": np.asarray(v, np.float32) for case, facts in cases.items() for fact, v in facts.items()}


if __name__ == "__main__":
    np.savez_compressed(GOLDEN, **generate())
