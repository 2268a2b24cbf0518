"""Refusals: an LLM that speaks of being asked, and declines; never a person in a text who cannot help something."""

import re

_SORRY = (
    r"(?:(?:i['’]?m|i am|we['’]re|we are) (?:\w+ )?(?:sorry|afraid)|sorry|i apologi[sz]e|my apologies|"
    r"apologies|unfortunately|regrettably|"
    r"i understand|i appreciate|thank you for|thanks for)"
)
_CANNOT = (
    r"(?:i|we)(?: really| just| simply)?(?:['’]m| am|['’]re| are)? ?(?:can['’]?t|cannot|can not|could not|"
    r"couldn['’]t|won['’]t|will not|"
    r"not able to|unable to|not comfortable|not allowed to|not permitted to|not going to|must decline|"
    r"have to decline|need to decline|"
    r"must refuse|decline to|don['’]t feel comfortable|do not feel comfortable|am declining)"
)
_WRITE = (
    r"(?:provide|generate|create|write|produce|offer|compose|complete|fulfil+|answer|supply|draft|make up|"
    r"come up with|writing|creating|generating|providing|producing)"
)
_ASKED = (
    r"(?:(?:this|that|your|the|such an?|these kinds? of) (?:\w+ ){0,2}(?:request|task|prompt|instructions?)"
    r"|(?:such|this|that|the requested|any|these|harmful|this (?:kind|type|sort) of|that (?:kind|type|"
    r"sort) of) (?:\w+ ){0,2}(?:content|material|texts?|sentences|examples|descriptions|records|vignettes|"
    r"statements|data)"
    r"|(?:\w+ ){0,3}(?:texts?|sentences|examples|vignettes|medical records|clinical notes|training data|"
    r"content)\b(?: (?:about|for|of|that|on)\b| ?[.,!]| ?$))"
)
# Plain words of an LLM about its task, wherever they stand.
OF_THE_TASK = re.compile(
    rf"^\W*(?:{_SORRY}\b.{{0,120}}?\b)?{_CANNOT}\b.{{0,30}}?\b{_WRITE}\b (?:you )?(?:with )?{_ASKED}"
    rf"|^\W*(?:{_SORRY}\b.{{0,120}}?\b)?{_CANNOT}\b.{{0,20}}?\b(?:assist|help|comply|proceed|engage|"
    rf"continue)(?: you)?(?: with)? "
    r"(?:this|that|your|the|such an?) (?:\w+ ){0,2}(?:request|task|prompt|instructions?)"
    rf"|^\W*(?:{_SORRY}\b.{{0,120}}?\b)?{_CANNOT} (?:to )?{_WRITE} (?:\w+ ){{0,3}}?(?:about|on|of) "
    r"(?:real|actual|identifiable|specific|individual|living)\b"
    r"|^\W*as an? (?:ai|a\.i\.|artificial intelligence|(?:large )?language model|llm|ai assistant)\b(?=.{0,80}\b(?:i|my|me)\b)"
    r"|^\W*i(?:['’]m| am) (?:just |only )?an? (?:ai|large language model|language model)\b"
    r"|^\W*(?:this|that|your|the) (?:request|prompt|task) (?:violates|goes against|conflicts|cannot be|"
    r"can['’]t be|is against|involves|asks|raises)\b"
    r"|^\W*i (?:must|have to|need to) (?:decline|refuse)\b.{0,40}\b(?:request|task|prompt)\b",
    re.IGNORECASE,
)
# The same in fewer words, which a person in a text could say as well: a refusal only at the beginning of a reply.
IN_SHORT = re.compile(
    rf"^\W*(?:{_SORRY}\b.{{0,40}}?\b)?{_CANNOT} (?:to )?(?:assist|help)(?: you)? with (?:that|this|it)\W*$"
    rf"|^\W*{_SORRY}\b.{{0,40}}?\b{_CANNOT} (?:to )?(?:assist|help|do (?:that|so|this)|comply)\b.{{0,40}}$"
    rf"|^\W*{_CANNOT} (?:to )?(?:comply|provide (?:that|this))\b\W*$",
    re.IGNORECASE,
)
ELSEWHERE = re.compile(
    r"^\W*(?:es tut mir (?:\w+ )?leid|tut mir leid|leider|entschuldigung)\b.{0,60}"
    r"\b(?:(?:kann|darf|werde) ich|ich (?:kann|darf|werde))\b(?=.{0,90}\b(?:nicht|keine)\b).{0,90}"
    r"\b(?:anfrage|bitte|texte|inhalte|beispiele|helfen|erstellen|schreiben|generieren|erfüllen)\b"
    r"|^\W*(?:je suis (?:\w+ )?désolée?|désolée?|malheureusement)\b.{0,40}\bje ne (?:peux|suis|pourrai|saurais)\b.{0,80}"
    r"\b(?:demande|textes|contenus?|aider|générer|rédiger|créer|écrire|répondre)\b"
    r"|^\W*(?:lo siento|lamentablemente|disculpa|perdón)\b.{0,40}\bno puedo\b.{0,80}\b(?:solicitud|textos?|"
    r"contenido|ayudar|generar|escribir|crear)\b"
    r"|^\W*(?:mi dispiace|purtroppo)\b.{0,40}\bnon posso\b.{0,80}\b(?:richiesta|testi|contenuti?|aiutar|"
    r"generare|scrivere|creare)"
    r"|^\W*(?:desculpe|lamento|infelizmente)\b.{0,40}\bnão posso\b.{0,80}\b(?:pedido|solicitação|textos?|"
    r"conteúdo|ajudar|gerar|escrever|criar)\b"
    r"|^\W*(?:het spijt me|sorry|helaas)\b.{0,40}\b(?:kan|mag) ik\b.{0,60}\b(?:niet|geen)\b.{0,60}\b(?:verzoek|"
    r"teksten|inhoud|helpen|schrijven|maken)\b"
    r"|^\W*(?:很?抱歉|对不起|對不起).{0,20}(?:无法|無法|不能)|^\W*申し訳(?:ありません|ございません).{0,60}(?:でき|出来|かね)",
    re.IGNORECASE,
)
# A refusal stands in the first lines of a reply.
FIRST_LINES = 3


def is_refusal(line: str, place: int = 0) -> bool:
    """Whether a piece of a reply declines the request; `place` counts the pieces before it."""
    return bool(OF_THE_TASK.search(line) or (place < FIRST_LINES and (IN_SHORT.search(line) or ELSEWHERE.search(line))))
