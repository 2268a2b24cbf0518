"""Which refusals are about the length of a prompt, in the words of servers."""

import json

import pytest

from synthsweep.generate.llm.dialects.refusal import refusal_of

# fmt: off
LONG = [
    (400, "This model's maximum context length is 2048 tokens. However, your messages resulted in 3153 "
          "tokens. Please reduce the length of the messages."),
    (400, "The decoder prompt (length 3153) is longer than the maximum model length of 2048. Make sure "
          "that `max_model_len` is no smaller than the number of text tokens."),
    (400, "'max_tokens' or 'max_completion_tokens' is too large: 2000. This model's maximum context length "
          "is 2048 tokens and your request has 200 input tokens (2000 > 2048 - 200)."),
    (400, "the request exceeds the available context size, try increasing it"),
    (400, "request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it"),
    (500, "the request exceeds the available context size. try increasing the context size or enable context shift"),
    (400, "prompt is too long: 210000 tokens > 200000 maximum"),
    (413, "Request exceeds the maximum size"),
    (400, "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."),
    (400, "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length"),
    (400, "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000"),
    (400, "Please reduce the length of the messages or completion."),
    (422, "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097. Given: 3500 "
          "`inputs` tokens and 1000 `max_new_tokens`"),
    (422, "Input validation error: `inputs` must have less than 1024 tokens. Given: 1500"),
    (400, "Input is too long for requested model."),
    (400, "This model's maximum prompt length is 131072 but the request contains 170000 tokens."),
    (400, "litellm.ContextWindowExceededError: something"),
    (400, "The input (9000 tokens) is longer than the model's context length (8192 tokens)."),
    (400, "Range of input length should be [1, 30720]"),
    (400, "Trying to keep the first 4096 tokens when context the overflows. However, the model is loaded "
          "with context length of only 2048 tokens"),
    (400, "Invalid request: Your request exceeded model token limit: 8192"),
    (400, "Prompt exceeds max length"),
    (400, "Your input exceeds the context window of this model. Please adjust your input and try again."),
    (400, "Invalid 'messages[1].content': string too long. Expected a string with maximum length 10485760"),
    (400, "Requested tokens (3000) exceed context window of 2048"),
    (429, "Request too large for gpt-4 in organization org on tokens per min (TPM): Limit 10000, Requested "
          "12000. The input or output tokens must be reduced in order to run successfully."),
    (413, "Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 7113, please "
          "reduce your message size and try again."),
    (400, "input length exceeds maximum context length"),
    (400, "The prompt is too long: 12345, model maximum context length: 8191"),
]
OTHERS = [
    (400, "max_tokens is too large: 2000. This model supports at most 512 completion tokens."),
    (429, "Rate limit reached for gpt-4 on tokens per min (TPM): Limit 10000, Used 9000, Requested 2000. "
          "Please try again in 6s."),
    (429, "Too many tokens, please wait before trying again."),
    (429, "You exceeded your current quota, please check your plan"),
    (400, "Unsupported value: 'temperature' does not support 0.7"),
    (422, "Input should be 'text' or 'json_object'"),
    (400, "Invalid schema for response_format 'examples': In context=(), 'required' is required"),
    (400, "Budget has been exceeded! Current cost: 1.2, Max budget: 1.0"),
    (400, "Unrecognized request argument supplied: seed"),
    (400, "max_tokens must be at most 512"),
    (500, "Internal server error"),
    (500, "CUDA out of memory"),
    (400, "Input validation error: `temperature` must be strictly positive"),
    (400, "Input validation error: `top_p` must be > 0.0 and < 1.0"),
    (400, "Input should be less than or equal to 2"),
    (500, "The request took too long to process."),
    (500, "Request has been queued for too long"),
    (500, "context deadline exceeded"),
    (422, "Input validation error: `max_new_tokens` must be <= 512. Given: 2000"),
    (503, "context length"),
    (401, "prompt is too long"),
]
# fmt: on


@pytest.mark.parametrize(("status", "said", "of_length"), [*((*one, True) for one in LONG), *((*one, False) for one in OTHERS)])
def test_a_refusal_of_a_long_prompt_is_known(status: int, said: str, of_length: bool) -> None:
    """A limit per minute, a limit of the reply and a key that is refused are something else."""
    assert of_length == refusal_of(status, json.dumps({"error": {"message": said}}), {}).of_length
