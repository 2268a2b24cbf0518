"""What an LLM writes beside texts: placeholders, notes, words before and after a list, refusals.

The rules for whole items speak of the task itself, since a mother may well say "let me know", "note that" or "I can't".
"""

import re

_TASK = (
    r"(?:texts?|examples?|sentences?|items?|entries|samples?|notes|records|list|profiles?|statements?|vignettes?|descriptions?)"
)
# Letters are missing: an ellipsis, a dash, empty brackets.
NOTHING = re.compile(r"[\s.…\-–—_*#\[\]{}<>\"'“”„«»|]*|\(?[\s.…]*\)?")
PLACEHOLDER = re.compile(
    r"(?:(?:insert|add|write|your|the|first|second|third|next|another|example|actual|realistic)\s+){0,4}"
    r"(?:(?:texts?|sentences?|examples?|strings?|content)(?:\s+(?:goes|for|profile|number|no\.?|of|criterion|#?[a-z]?\d+))*"
    r"\s+here|text|sentence|string|placeholder)"
    r"|(?:and so on|etc|tbd|todo|lorem ipsum.*|same as above|(?:and )?(?:\d+ )?(?:more|remaining|further|other|"
    r"additional) (?:texts?|examples?|sentences?|items?|entries)\b.{0,30}"
    r"|(?:continue|repeat)[sd]?\b.{0,20}\b(?:texts?|examples?|sentences?|pattern|list|format)\b.{0,20}|(?:and )?\d+ more)",
    re.IGNORECASE,
)
MOST_WORDS = 6
BRACKETED = re.compile(r"\s*[\[<{(]\s*([^\[\]<>{}()]{1,80}?)\s*[\])}>][.…]*\s*")
_MADE_UP = r"(?:fictional|fictitious|invented|made[- ]up|hypothetical|imaginary|not real|purely illustrative)"
NOTE = re.compile(
    rf"^\W*(?:(?:please )?note|disclaimer|important|nb|n\.b\.|remark|hinweis|remarque|"
    rf"nota)\b[^a-z]{{0,4}}.*?\b(?:{_MADE_UP}|{_TASK}|training (?:data|purposes)"
    r"|real (?:persons?|people|children|individuals|patients)|criteri(?:on|a)|fiktiv|fictifs?|ficticios?)\b"
    rf"|^\W*(?:all|any|these|the|each of the|each|every)\b.{{0,60}}\b(?:{_TASK}|persons?|people|names?|children|"
    rf"individuals?|characters?)\b.{{0,40}}\b(?:are|is|was|were)\b.{{0,25}}\b{_MADE_UP}\b"
    rf"|^\W*(?:these|the above|each of these|all of these|the {_TASK} (?:above|"
    rf"below))\b.{{0,30}}\b{_TASK}\b.{{0,40}}\b(?:show|illustrate|demonstrate|reflect|describe|provide|cover|"
    rf"can be used|are evidence|are written|vary|follow|meet)\b"
    r"|^\W*(?:word count|total)\s*:\s*\d+",
    re.IGNORECASE | re.DOTALL,
)
_MORE = (
    r"(?:more|any more|additional|further|other|another|different|changes?|adjustments?|modifications?|variations?|revisions?)"
)
# What no text for training says, wherever it stands.
OFFER = re.compile(
    rf"^\W*(?:(?:please )?let me know (?:if|whether|should|in case)\b.{{0,40}}\b(?:you|i)\b.{{0,60}}\b(?:{_MORE}|{_TASK})\b"
    rf"|(?:please )?feel free to (?:ask|request|adjust|modify|use|edit|let me know|"
    rf"reach out)\b.{{0,80}}\b(?:{_MORE}|{_TASK}|them|me|these)\b"
    rf"|(?:would you like|do you want|shall i|should i|if you(?:['’]d| would)? (?:like|need|want|"
    rf"prefer))\b.{{0,60}}\b(?:me to|{_TASK}|{_MORE})\b.{{0,60}}\b(?:{_TASK}|{_MORE}|i can|json|format|criteri)"
    rf"|i (?:can|could|would be happy to|['’]d be happy to) (?:also )?(?:provide|generate|write|create|produce|"
    rf"add|adjust|make)\b.{{0,60}}\b(?:{_MORE}|{_TASK})\b"
    rf"|(?:i hope|hope) (?:this|these) {_TASK}\b.{{0,30}}\b(?:helps?|useful|works?|meets?|suits?)\b)",
    re.IGNORECASE,
)
# Before a list: politeness, or a colon at its end.
BEFORE = re.compile(
    r"^\W*(?:sure|certainly|of course|absolutely|okay|ok|great|understood|got it|happy to|no problem|gladly|"
    r"yes|alright|gerne|natürlich|"
    rf"bien sûr|claro|certo|voici|hier sind|aquí (?:están|tienes))\b[\s!,.:;–—-]*(?:$|.*(?::|\b(?:here|below|"
    rf"i['’]ll|i will|i can|{_TASK}|list)\b))"
    rf"|^\W*(?:here|below|following)\b.{{0,60}}\b(?:{_TASK}|list|json|ten|five|\d+)\b"
    rf"|^\W*(?:the following|i['’]ve (?:written|created|generated)|i have (?:written|created|generated)|"
    rf"as requested)\b.{{0,80}}\b(?:{_TASK}|list)\b"
    r"|^\W*(?:let me|let['’]s|the user|we need to|i need to|i should|i will|i['’]ll)\b.{0,60}\b(?:think|start|"
    r"write|wants|asks|create|draft)\b"
    r"|.*[:：]\s*[*_`\"]*$",
    re.IGNORECASE | re.DOTALL,
)
AFTER = re.compile(
    r"^\W*(?:(?:please )?let me know\b|feel free\b|(?:i )?hope (?:this|these|that|it)\b|would you like\b|"
    r"do you want me\b|shall i\b|happy to\b|"
    r"if you (?:need|want|would like|['’]d like)\b|that['’]s (?:all|it|\d+)\b|end of list|done\b|enjoy\b|"
    r"thanks?\b|thank you\b)",
    re.IGNORECASE,
)
# A line of a list that only says what a text is about, where the prompt gave it as a profile.
ABOUT = re.compile(
    r"^\W*(?:age|setting|informant|manner|kind|profile|persona|criteri(?:on|a)|labels?|id|rationale|"
    r"explanation|why|evidence|reasoning|word count|"
    r"source|register|severity|sex|length|language)\b\W{0,3}[:=]\s",
    re.IGNORECASE,
)


def is_placeholder(text: str) -> bool:
    """Whether a text only holds the place of one: `...`, `[text here]`, `<text>`."""
    bracketed = BRACKETED.fullmatch(text)
    bare = (bracketed[1] if bracketed else text).strip(" .…*_\"'")
    held = bracketed and re.search(
        r"\b(?:text|insert|here|example|sentence|placeholder|profile|description|more|remaining|etc)\b", bare, re.IGNORECASE
    )
    # A text may stand in brackets as a whole.
    short = len(bare.split()) <= MOST_WORDS
    return bool(NOTHING.fullmatch(text) or PLACEHOLDER.fullmatch(bare) or (held and short))


def is_note(text: str) -> bool:
    """Whether an item speaks of the list instead of being in it."""
    return bool(NOTE.search(text) or OFFER.search(text))


def is_before(line: str) -> bool:
    """Whether a line leads to a list."""
    return bool(BEFORE.match(line))


def is_after(line: str) -> bool:
    """Whether a line closes a reply."""
    return bool(AFTER.match(line)) or is_note(line)
