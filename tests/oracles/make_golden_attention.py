"""Regenerate golden_attention.npz: `python -m tests.oracles.make_golden_attention`.

With PyTorch, the xlstm package, transformers and reservoirpy. Every case holds weights, first state and inputs as
memspan lays them out, what came of them (outputs, last state), and the gradients of sum(outputs * weighting) by all of
them. Their layouts are made from ours by operations of PyTorch, through which the gradients come back.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

GOLDEN = Path(__file__).with_name("golden_attention.npz")
TIME, FEATURES, UNITS, HEADS = 9, 5, 4, 2
PART = UNITS // HEADS
INNER = 3
DILATIONS, PLACES = (1, 3), 2
LEAK = 0.7

Facts = dict[str, np.ndarray]
Shapes = dict[str, tuple[int, ...]]

SLSTM = {"kernel": (FEATURES, 4 * UNITS), "recurrent": (HEADS, PART, 4 * PART), "bias": (4 * UNITS,)}
SLSTM_STATE = dict.fromkeys(("hidden", "cell", "normaliser", "stabiliser"), (UNITS,))
MLSTM = {
    "kernel": (FEATURES, 4 * UNITS),
    "bias": (4 * UNITS,),
    "gates": (FEATURES, 2 * HEADS),
    "gate_bias": (2 * HEADS,),
}
MLSTM_STATE = {"memory": (HEADS, PART, PART), "normaliser": (HEADS, PART), "stabiliser": (HEADS,)}
DELTA = {"kernel": (FEATURES, 3 * UNITS), "rate": (FEATURES, HEADS)}
SQUARES = dict.fromkeys(("queries", "keys", "values", "attention_output"), (UNITS, UNITS))
NORMS = dict.fromkeys(("attention_norm", "inner_norm"), (UNITS,))
LLAMA = {"embedding": (FEATURES, UNITS), **SQUARES, **NORMS} | {
    "inner_gate": (UNITS, INNER),
    "inner": (UNITS, INNER),
    "inner_output": (INNER, UNITS),
}


def _block(number: int, width: int) -> Shapes:
    convolutions = {"first": (PLACES, width, UNITS), "second": (PLACES, UNITS, UNITS)}
    biases = {"first_bias": (UNITS,), "second_bias": (UNITS,)}
    skip = {} if number else {"skip": (width, UNITS), "skip_bias": (UNITS,)}
    return {f"{number}.{name}": shape for name, shape in (convolutions | biases | skip).items()}


def _case(seed: int, weights: Shapes, state: Shapes, read: Callable[[dict[str, Any]], tuple[Any, ...]]) -> Facts:
    """Draw a case, read it, and differentiate; no bias is zero, so that none can hide."""
    import torch

    rng = np.random.default_rng(seed)
    shapes = {f"params/{name}": shape for name, shape in weights.items()}
    shapes |= {f"start/{name}": shape for name, shape in state.items()}
    shapes |= {"inputs": (TIME, FEATURES), "weighting": (TIME, UNITS)}
    facts = {name: rng.normal(0, 0.6, shape).astype(np.float32) for name, shape in shapes.items()}
    facts["inputs"] *= 2
    if "start/normaliser" in facts:  # a sum of positive weights in the sLSTM
        facts["start/normaliser"] = np.abs(facts["start/normaliser"]) + np.float32(0.5)
    given = {name: torch.tensor(value, requires_grad=name != "weighting") for name, value in facts.items()}
    outputs, *end = read({name.removeprefix("params/"): value for name, value in given.items()})
    facts["outputs"] = outputs.detach().numpy()
    facts |= {f"end/{name}": part.detach().numpy() for name, part in zip(state, end, strict=True)}
    by = {name: value for name, value in given.items() if name != "weighting"}
    found = torch.autograd.grad((outputs * given["weighting"]).sum(), list(by.values()))
    return facts | {f"d_{name}": value.numpy() for name, value in zip(by, found, strict=True)}


def _slstm(given: dict[str, Any]) -> tuple[Any, ...]:
    """Read with the xlstm package's cell in plain PyTorch; without a start, from its own zeros."""
    import torch
    from xlstm.blocks.slstm.src.vanilla import slstm_forward, slstm_pointwise_function_registry

    states = [given.get(f"start/{name}", torch.zeros(UNITS)) for name in SLSTM_STATE]
    sums = (given["inputs"] @ given["kernel"])[:, None]
    recurrent = given["recurrent"].transpose(1, 2)  # theirs: one row an output
    cell = slstm_pointwise_function_registry["slstm"]
    every, last, _ = slstm_forward(sums, torch.stack(states)[:, None], recurrent, given["bias"], cell)
    return every[0, 1:, 0], *(last[:, 0] if "start/cell" in given else ())


def _mlstm_parts(given: dict[str, Any]) -> tuple[Any, ...]:
    import torch

    sums = given["inputs"] @ given["kernel"] + given["bias"]
    queries, keys, values, shown = sums.split(UNITS, dim=1)
    i, f = (given["inputs"] @ given["gates"] + given["gate_bias"]).split(HEADS, dim=1)
    rows = [part.reshape(TIME, HEADS, PART).transpose(0, 1)[None] for part in (queries, keys, values)]
    return *rows, i.T[None, :, :, None], f.T[None, :, :, None], torch.sigmoid(shown)


def _mlstm_parallel(given: dict[str, Any]) -> tuple[Any, ...]:
    from xlstm.blocks.mlstm.backends import parallel_stabilized_simple

    *parts, shown = _mlstm_parts(given)
    read = parallel_stabilized_simple(*parts, eps=0.0)
    return (shown * read[0].transpose(0, 1).reshape(TIME, UNITS),)


def _mlstm_steps(given: dict[str, Any]) -> tuple[Any, ...]:
    import torch
    from xlstm.blocks.mlstm.backends import recurrent_step_stabilized_simple

    *parts, shown = _mlstm_parts(given)
    state = (given["start/memory"][None], given["start/normaliser"][None, :, :, None])
    state = (*state, given["start/stabiliser"][None, :, None, None])
    read: list[Any] = []
    for step in range(TIME):
        now = [part[:, :, step : step + 1].clone() for part in parts]
        output, state = recurrent_step_stabilized_simple(*state, *now, eps=0.0)
        read.append(output.reshape(UNITS))
    memory, normaliser, stabiliser = state
    return shown * torch.stack(read), memory[0], normaliser[0, :, :, 0], stabiliser[0, :, 0, 0]


def _delta(given: dict[str, Any]) -> tuple[Any, ...]:
    """Read with the delta rule of Qwen3-Next without its decay; its queries are divided by the root of their size."""
    import torch
    from transformers.models.qwen3_next.modeling_qwen3_next import torch_recurrent_gated_delta_rule

    sums = (given["inputs"] @ given["kernel"]).reshape(1, TIME, 3, HEADS, PART)
    queries, keys, values = sums.unbind(dim=2)
    silu = torch.nn.functional.silu
    outputs, memory = torch_recurrent_gated_delta_rule(
        silu(queries),
        silu(keys),
        values,
        g=torch.zeros(1, TIME, HEADS),
        beta=torch.sigmoid(given["inputs"] @ given["rate"])[None],
        initial_state=given["start/"][None],
        output_final_state=True,
        use_qk_l2norm_in_kernel=True,
    )
    return outputs[0].reshape(TIME, UNITS) * PART**0.5, memory[0]


def _llama(context: int, given: dict[str, Any]) -> tuple[Any, ...]:
    """Read with transformers' decoder layer of Llama, each step looking at `context` steps."""
    import torch
    from transformers.models.llama.configuration_llama import LlamaConfig
    from transformers.models.llama.modeling_llama import LlamaDecoderLayer, LlamaRotaryEmbedding

    sizes = {"num_attention_heads": HEADS, "num_key_value_heads": HEADS, "intermediate_size": INNER}
    config = LlamaConfig(hidden_size=UNITS, rms_norm_eps=1e-6, attn_implementation="eager", **sizes)
    names = {
        "queries": "self_attn.q_proj",
        "keys": "self_attn.k_proj",
        "values": "self_attn.v_proj",
        "attention_output": "self_attn.o_proj",
        "inner_gate": "mlp.gate_proj",
        "inner": "mlp.up_proj",
        "inner_output": "mlp.down_proj",
        "attention_norm": "input_layernorm",
        "inner_norm": "post_attention_layernorm",
    }
    weights = {
        f"{theirs}.weight": given[ours].T if given[ours].ndim == 2 else given[ours] for ours, theirs in names.items()
    }
    stream = (given["inputs"] @ given["embedding"])[None]
    far = torch.arange(TIME)[:, None] - torch.arange(TIME)
    mask = torch.where((far >= 0) & (far < context), 0.0, -torch.inf)[None, None]
    positions = LlamaRotaryEmbedding(config)(stream, torch.arange(TIME)[None])
    layer, more = LlamaDecoderLayer(config, 0), {"attention_mask": mask, "position_embeddings": positions}
    assert set(weights) == set(layer.state_dict())
    return (torch.func.functional_call(layer, weights, (stream,), more)[0],)


def _tcn(given: dict[str, Any]) -> tuple[Any, ...]:
    """Read with convolutions of PyTorch, padded at both ends and cut at the right one."""
    import torch

    relu, channels = torch.nn.functional.relu, given["inputs"].T[None]

    def convolved(name: str, rows: Any, dilation: int) -> Any:
        kernel, pad = given[name].permute(2, 1, 0), (PLACES - 1) * dilation
        both = torch.nn.functional.conv1d(rows, kernel, given[f"{name}_bias"], padding=pad, dilation=dilation)
        return relu(both[:, :, :TIME])

    for block, dilation in enumerate(DILATIONS):
        hidden = convolved(f"{block}.first", channels, dilation)
        hidden = convolved(f"{block}.second", hidden, dilation)
        if not block:
            kernel = given["0.skip"].T[:, :, None]
            channels = torch.nn.functional.conv1d(channels, kernel, given["0.skip_bias"])
        channels = relu(hidden + channels)
    return (channels[0].T,)


def _reservoir() -> Facts:
    """Run reservoirpy's reservoir, which has no gradient."""
    from reservoirpy.nodes import Reservoir

    rng = np.random.default_rng(7)
    kernel, recurrent, inputs = (
        rng.normal(0, 0.6, shape) for shape in ((FEATURES, UNITS), (UNITS, UNITS), (TIME, FEATURES))
    )
    states = Reservoir(UNITS, lr=LEAK, W=recurrent.T, Win=kernel.T).run(inputs)
    facts = {"params/kernel": kernel, "params/recurrent": recurrent, "inputs": inputs, "outputs": states}
    return {name: np.asarray(value, np.float32) for name, value in facts.items()}


def _initial_biases() -> Facts:
    """Return the forget biases with which cells of the xlstm package start, by the name that memspan gives them."""
    from xlstm.blocks.mlstm.cell import mLSTMCell, mLSTMCellConfig
    from xlstm.blocks.slstm.cell import sLSTMCell_vanilla, sLSTMCellConfig

    facts: Facts = {}
    for ours, theirs in (("powerlaw", "powerlaw_blockdependent"), ("linspace", "small_init"), ("zeros", "zeros")):
        config = sLSTMCellConfig(hidden_size=200, num_heads=2, backend="vanilla", dtype="float32", bias_init=theirs)
        cell = sLSTMCell_vanilla(config)
        facts[f"slstm {ours}"] = cell.bias[:].detach().numpy().swapaxes(0, 1).reshape(-1)  # gate, head, unit
        facts["slstm recurrent"] = cell.recurrent_kernel[:].detach().numpy()
    cell = mLSTMCell(mLSTMCellConfig(context_length=4, embedding_dim=40, num_heads=10))
    return facts | {"mlstm": cell.fgate.bias.detach().numpy(), "mlstm gates": cell.fgate.weight.detach().numpy()}


def generate() -> Facts:
    """Return all golden values, named case/fact."""
    cases = {
        "slstm": _case(1, SLSTM, SLSTM_STATE, _slstm),
        "slstm, empty": _case(2, SLSTM, {}, _slstm),
        "mlstm": _case(3, MLSTM, MLSTM_STATE, _mlstm_steps),
        "mlstm, empty": _case(4, MLSTM, {}, _mlstm_parallel),
        "deltanet": _case(5, DELTA, {"": (HEADS, PART, PART)}, _delta),
        "transformer": _case(6, LLAMA, {}, lambda given: _llama(TIME, given)),
        "transformer, window": _case(6, LLAMA, {}, lambda given: _llama(4, given)),
        "tcn": _case(8, _block(0, FEATURES) | _block(1, UNITS), {}, _tcn),
        "echo state": _reservoir(),
        "initial": _initial_biases(),
    }
    return {f"{case}/{fact}": value for case, facts in cases.items() for fact, value in facts.items()}


if __name__ == "__main__":
    np.savez_compressed(GOLDEN, **generate())
