"""A llama.cpp server with an LLM of random weights: `python tiny_gguf.py FILE PORT`. It needs gguf and xllamacpp."""

import sys
import time
from pathlib import Path
from string import ascii_lowercase
from typing import Any

WIDTH, INNER, LAYERS, HEADS, CONTEXT = 64, 128, 2, 4, 2048
TEMPLATE = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:"
# Kinds of tokens in a GGUF file: unknown, control, byte, normal.
TOKENS = [
    (b"<unk>", 2), (b"<s>", 3), (b"</s>", 3), *((f"<0x{byte:02X}>".encode(), 6) for byte in range(256)),
    *((mark + letter.encode(), 1) for mark in ("\u2581".encode(), b"") for letter in ascii_lowercase), ("\u2581".encode(), 1),
]  # fmt: skip


def write_llm(file: Path) -> None:
    """A Llama of two layers over bytes and letters."""
    import gguf
    import numpy as np

    writer = gguf.GGUFWriter(str(file), "llama")
    _describe(writer)
    rng = np.random.default_rng(1)
    shapes = {"token_embd": (len(TOKENS), WIDTH), "output": (len(TOKENS), WIDTH), "output_norm": (WIDTH,)}
    for layer in range(LAYERS):
        inner = dict.fromkeys(("attn_q", "attn_k", "attn_v", "attn_output"), (WIDTH, WIDTH))
        inner |= {"ffn_gate": (INNER, WIDTH), "ffn_up": (INNER, WIDTH), "ffn_down": (WIDTH, INNER)}
        shapes |= {f"blk.{layer}.{name}": shape for name, shape in inner.items()}
        shapes |= {f"blk.{layer}.{name}": (WIDTH,) for name in ("attn_norm", "ffn_norm")}
    for name, shape in shapes.items():
        drawn = rng.standard_normal(shape) * 0.05 if len(shape) > 1 else np.ones(shape)
        writer.add_tensor(f"{name}.weight", drawn.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _describe(writer: Any) -> None:
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(TOKENS))
    writer.add_tokenizer_model("llama")
    writer.add_token_list([token for token, _ in TOKENS])
    writer.add_token_scores([0.0] * len(TOKENS))
    writer.add_token_types([kind for _, kind in TOKENS])
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template(TEMPLATE)


def main() -> None:
    """Serves until it is killed."""
    import xllamacpp

    file, port = Path(sys.argv[1]), int(sys.argv[2])
    write_llm(file)
    given = xllamacpp.CommonParams()
    given.model.path, given.hostnames, given.port = str(file), ["127.0.0.1"], port
    given.n_ctx, given.n_parallel, given.cpuparams.n_threads = CONTEXT, 1, 1
    server = xllamacpp.Server(given)
    print(server.listening_address, flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
