"""What a person can do about a refusal that ends a job; pure."""

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.config.variables import shown_variable
from synthsweep.generate.llm.dialects.ladder import TOO_LARGE, UNKNOWN_KEY
from synthsweep.generate.llm.dialects.refusal import ServerRefusal

# RFC 6585: the network between wants a login; it was not the server that answered.
NETWORK_LOGIN = 511
ADDRESS_LENGTH = 200


def way_out(refusal: ServerRefusal, llm: LlmConfig) -> str:
    """The end of the message, empty if nothing is known."""
    if refusal.of_length:
        # Most servers count the room for the reply, too.
        smaller = f"a smaller {llm.section}.max_output_tokens"
        return f"; prompt and reply are longer than the server takes: a shorter prompt, {smaller}, or a larger context helps"
    if refusal.of_budget:
        return "; the gateway's budget for this key is used up: raise it there, and the same command goes on"
    return _by_status(refusal, llm) or _by_words(refusal, llm)


def _by_status(refusal: ServerRefusal, llm: LlmConfig) -> str:
    section, variable, status = llm.section, llm.api_key_env, refusal.status
    if 300 <= status < 400:
        target = next((value for name, value in refusal.headers.items() if name.lower() == "location"), "another address")
        return f"; it redirects to {target[:ADDRESS_LENGTH]}, which is not followed: see {section}.base_url"
    if status in {407, NETWORK_LOGIN}:
        return "; the network between wants a login: see HTTPS_PROXY and NO_PROXY"
    if status in {401, 403} or UNKNOWN_KEY in refusal.said:
        wanted = f"it wants a key: {section}.api_key_env=NAME"
        return f"; see the key in {shown_variable(variable)}" if variable else f"; {wanted}"
    if status == 404:
        return f"; see {section}.model and {section}.base_url"
    return "; the account's quota is used up" if status in {402, 429} else ""


def _by_words(refusal: ServerRefusal, llm: LlmConfig) -> str:
    section, said = llm.section, refusal.said
    if "logprob" in said:
        return "; model.probabilities=shares asks without log-probabilities"
    for name in ("temperature", "top_p", "reasoning_effort"):
        if name in said or (name == "reasoning_effort" and "reasoning.effort" in said):
            return f"; set {section}.{name}=null"
    if any(name in said for name in ("max_tokens", "max_completion_tokens", "max_output_tokens")):
        return f"; see {section}.{'max_output_tokens' if TOO_LARGE.search(said) else 'token_limit_key'}"
    unknown = next((name for name in llm.extra_body or {} if str(name).lower() in said), "")
    return f"; see {section}.extra_body, which holds {unknown}" if unknown else ""
