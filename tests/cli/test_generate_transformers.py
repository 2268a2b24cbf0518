"""`synthsweep generate` against a server that nobody here wrote: `transformers serve` with a random LLM of one layer."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from support.patience import LIMIT_S
from support.ports import free_port
from synthsweep.examples import Example
from synthsweep.generate.completer import CompletionRequest, Message
from synthsweep.generate.replies.reply_parser import ReplyParser
from synthsweep.generate.replies.screen import Screening
from synthsweep.generate.replies.store import StoredReply, open_reply_store

# What transformers' own extra `serving` asks for beyond what synthsweep needs.
LACKING = [name for name in ("accelerate", "fastapi", "uvicorn") if find_spec(name) is None]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(LACKING), reason=f"transformers serve needs {', '.join(LACKING)}: pip install 'synthsweep[test]'"),
]
N, MOST_TOKENS = 2, 40
SPECIAL = ["<unk>", "<s>", "</s>"]
# Noise over these has list items, words between them, JSON that never ends, and now and then nothing.
WORDS = "the child does not answer to his name and plays alone with one red train while others look at him"
TOKENS = [*SPECIAL, *WORDS.split(), *(f"\n{number}." for number in range(1, 9)), '{"examples":', "[", '{"text":', '"', "\n"]


def save_llm(folder: Path) -> None:
    """A Llama of random weights that samples whole words, and a tokenizer for which each word between spaces is a token."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    numbers = {token: number for number, token in enumerate(TOKENS)}
    words = Tokenizer(models.WordLevel(numbers, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, unk_token="<unk>", bos_token="<s>", eos_token="</s>")
    tokenizer.chat_template = "{% for message in messages %}{{ message.role }} {{ message.content }} {% endfor %}"
    tokenizer.save_pretrained(folder)

    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    marks = {"bos_token_id": numbers["<s>"], "eos_token_id": numbers["</s>"], "pad_token_id": numbers["</s>"]}
    with torch.random.fork_rng():
        torch.manual_seed(1)
        llm = LlamaForCausalLM(LlamaConfig(vocab_size=len(TOKENS), **sizes, **marks))
    llm.generation_config.update(do_sample=True, top_k=0)
    llm.save_pretrained(folder)


@contextmanager
def serving(model: str, log: Path) -> Iterator[str]:
    """Serves a model of the working folder; gives its address once it answers."""
    port = free_port()
    where = ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--default-seed", "1"]
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", model, *where]
    with log.open("w") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env={**os.environ, "OMP_NUM_THREADS": "1"})
    try:
        deadline = time.monotonic() + LIMIT_S
        while not healthy(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return json.load(answer) == {"status": "ok"}
    except urllib.error.URLError:
        return False


def generate(address: str) -> str:
    given = ["llm=vllm", "llm.model=tiny", f"llm.base_url={address}", f"llm.max_output_tokens={MOST_TOKENS}", "tracking=none"]
    command = [sys.executable, "-m", "synthsweep.cli.main", "generate", *given, f"generate.n={N}", "prompt.per_request=2"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def stored() -> list[StoredReply]:
    store = open_reply_store(Path("mlruns"))
    try:
        return list(store.all())
    finally:
        store.close()


def read(replies: list[StoredReply]) -> tuple[Counter[str], Counter[str]]:
    """How many texts each criterion has, and how many pieces were rejected for what."""
    parser = ReplyParser(tuple({reply.label for reply in replies}), "plain", Screening("en"), ("tiny",))
    texts, rejected = Counter[str](), Counter[str]()
    for reply in replies:
        messages = tuple(Message(role, content) for role, content in reply.messages)
        request = CompletionRequest(messages, reply.label, 2, reply.key.sample, labels=frozenset({reply.label}))
        for piece in parser.read(request, reply.completion):
            if isinstance(piece, Example):
                texts[reply.label] += 1
            else:
                rejected[piece.kind] += 1
    return texts, rejected


def told_of_rejected(said: str) -> Counter[str]:
    line = re.search(r"^Rejected: (.*)$", said, re.MULTILINE)
    return Counter({reason: int(count) for reason, count in re.findall(r"([^,;]+) (\d+)(?:, |;|$)", line[1] if line else "")})


def test_noise_of_transformers_own_server_becomes_texts_or_reasons(own_folder: Path) -> None:
    """Every request is answered, every piece is accounted for, and the same command asks nothing twice."""

    save_llm(own_folder / "tiny")
    log = own_folder / "log"
    with serving("tiny", log) as address:
        first, again = generate(address), generate(address)
    replies = stored()
    texts, rejected = read(replies)
    used = [reply.completion.usage for reply in replies]
    statuses = re.findall(r'POST /v1/chat/completions.*" (\d+)', log.read_text())

    assert ["200"] * len(replies) == statuses
    assert f"requests answered now: {len(replies)}, before: 0" in first
    assert f"requests answered now: 0, before: {len(replies)}" in again
    assert f"{sum(min(N, count) for count in texts.values())} of 14 texts of tiny for prompt=plain" in first
    assert texts.total()
    assert rejected == told_of_rejected(first) == told_of_rejected(again)
    assert f"{sum(one.prompt for one in used):,} + {sum(one.completion for one in used):,} tokens, free" in first
    # The server saw each message whole: here a word is a token.
    assert [sum(len(f"{role} {said}".split()) for role, said in one.messages) for one in replies] == [
        one.prompt for one in used
    ]
    assert [one.completion.finish for one in replies] == ["length" if one.completion == MOST_TOKENS else "stop" for one in used]
    assert all(0 < one.completion <= MOST_TOKENS for one in used)
