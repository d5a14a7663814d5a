"""What builtin:knowledge says and hears apart from documents, by language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Phrases:
    """One language. The patterns match a whole message, lower case, without its punctuation."""

    greeting: str
    """Holds `{name}`."""
    topics: str
    thanks: str
    goodbye: str
    unknown: str
    wordless: str
    """To a photo, a voice note, a place: nothing that it can read."""
    person: str
    source: str
    hears_greeting: re.Pattern[str]
    hears_thanks: re.Pattern[str]
    hears_goodbye: re.Pattern[str]
    hears_person: re.Pattern[str]


def _whole(*words: str) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(words)})")


PHRASES: Mapping[str, Phrases] = {
    "en": Phrases(
        greeting="Hello! 👋 I am {name}.",
        topics="You can ask me about:",
        thanks="You're welcome! Is there anything else?",
        goodbye="Goodbye! Write whenever you need something.",
        unknown=(
            "I'm sorry, I don't know that: I found nothing about it in my documents.\n"
            "Try other words, or write /human to talk to a person."
        ),
        wordless=(
            "I got it, but I can only read words. "
            "Please write what you would like to know, or write /human to talk to a person."
        ),
        person="Of course. I am getting a person for you; they will answer here.",
        source="Source",
        hears_greeting=_whole(
            "hi|hey|hello|hiya|howdy|yo|greetings|start",
            "good (?:morning|afternoon|evening|day)",
        ),
        hears_thanks=_whole(
            "(?:ok(?:ay)? |great |perfect )?(?:thanks?|thank you|thx|ty|cheers)"
            "(?: (?:a lot|so much|very much|you|again))?"
        ),
        hears_goodbye=_whole("(?:good)?bye(?: bye)?|see (?:you|ya)(?: later)?|good night|cya"),
        hears_person=_whole(
            r"(?:.* )?(?:talk|speak|chat|write)(?:ing)? (?:to|with) (?:an? |the |some)?"
            r"(?:real |actual |live |human )?(?:one|body|person|human|agent|someone|people|staff"
            r"|operator|representative|advisor)(?: please)?",
            "(?:human|agent|operator|representative|real person)(?: please)?",
        ),
    ),
    "de": Phrases(
        greeting="Hallo! 👋 Ich bin {name}.",
        topics="Fragen Sie mich zum Beispiel nach:",
        thanks="Gern geschehen! Kann ich sonst noch helfen?",
        goodbye="Auf Wiedersehen! Schreiben Sie jederzeit.",
        unknown=(
            "Das weiß ich leider nicht: In meinen Dokumenten steht nichts dazu.\n"
            "Versuchen Sie es mit anderen Worten, oder schreiben Sie /human für einen Menschen."
        ),
        wordless=(
            "Das ist angekommen, aber ich kann nur Worte lesen. "
            "Schreiben Sie bitte, was Sie wissen möchten, oder /human für einen Menschen."
        ),
        person="Gern. Ich hole einen Menschen dazu, die Antwort kommt hier.",
        source="Quelle",
        hears_greeting=_whole("hallo|hi|hey|moin|servus|grüß gott|guten (?:morgen|tag|abend)"),
        hears_thanks=_whole(
            "(?:vielen |besten )?dank(?:e)?(?: schön| sehr| dir| ihnen)?|dankeschön"
        ),
        hears_goodbye=_whole("tschüss?|auf wiedersehen|bis (?:bald|später|dann)|ciao|gute nacht"),
        hears_person=_whole(
            "(?:.* )?(?:mit )?(?:einem|einer|jemand(?:em)?) (?:echten )?"
            "(?:menschen|mitarbeiter(?:in)?|person|kollegen)? ?(?:sprechen|reden|schreiben)",
            "mitarbeiter|mensch|menschen",
        ),
    ),
    "es": Phrases(
        greeting="¡Hola! 👋 Soy {name}.",
        topics="Puedes preguntarme por:",
        thanks="¡De nada! ¿Algo más?",
        goodbye="¡Hasta luego! Escribe cuando quieras.",
        unknown=(
            "Lo siento, eso no lo sé: no encontré nada en mis documentos.\n"
            "Prueba con otras palabras, o escribe /human para hablar con una persona."
        ),
        wordless=(
            "Lo he recibido, pero solo puedo leer palabras. "
            "Escribe qué te gustaría saber, o /human para hablar con una persona."
        ),
        person="Claro. Aviso a una persona, que te responderá aquí.",
        source="Fuente",
        hears_greeting=_whole("hola|buen(?:os|as)?(?: días| dias| tardes| noches)?|hey|qué tal"),
        hears_thanks=_whole("(?:muchas )?gracias|mil gracias"),
        hears_goodbye=_whole("adi[oó]s|hasta (?:luego|pronto|mañana)|chao|nos vemos"),
        hears_person=_whole(
            "(?:.* )?hablar con (?:una? |alguna? )?(?:persona|humano|agente|alguien|asesora?)"
            "(?: por favor)?",
            "humano|agente|persona",
        ),
    ),
    "fr": Phrases(
        greeting="Bonjour ! 👋 Je suis {name}.",
        topics="Vous pouvez me demander :",
        thanks="Je vous en prie ! Autre chose ?",
        goodbye="Au revoir ! Écrivez quand vous voulez.",
        unknown=(
            "Désolé, je ne le sais pas : je n'ai rien trouvé dans mes documents.\n"
            "Essayez d'autres mots, ou écrivez /human pour parler à une personne."
        ),
        wordless=(
            "Je l'ai bien reçu, mais je ne lis que les mots. "
            "Écrivez ce que vous souhaitez savoir, ou /human pour parler à une personne."
        ),
        person="Bien sûr. J'appelle une personne, qui vous répondra ici.",
        source="Source",
        hears_greeting=_whole("bonjour|bonsoir|salut|coucou|hello"),
        hears_thanks=_whole("merci(?: beaucoup| bien| à vous)?"),
        hears_goodbye=_whole("au revoir|à (?:bientôt|plus|demain)|bonne (?:journée|soirée|nuit)"),
        hears_person=_whole(
            "(?:.* )?parler (?:à|avec) (?:une? )?(?:vraie? )?(?:personne|humain|agent|quelqu.un"
            "|conseill[eè]re?)",
            "humain|agent|conseiller",
        ),
    ),
    "pt": Phrases(
        greeting="Olá! 👋 Sou {name}.",
        topics="Pode perguntar-me sobre:",
        thanks="De nada! Mais alguma coisa?",
        goodbye="Até logo! Escreva quando quiser.",
        unknown=(
            "Desculpe, não sei: não encontrei nada nos meus documentos.\n"
            "Tente com outras palavras, ou escreva /human para falar com uma pessoa."
        ),
        wordless=(
            "Recebi, mas só consigo ler palavras. "
            "Escreva o que gostaria de saber, ou /human para falar com uma pessoa."
        ),
        person="Claro. Vou chamar uma pessoa, que responderá aqui.",
        source="Fonte",
        hears_greeting=_whole("ol[aá]|oi|bom dia|boa (?:tarde|noite)|e aí|tudo bem"),
        hears_thanks=_whole("(?:muito )?obrigad[oa]|valeu"),
        hears_goodbye=_whole("adeus|tchau|até (?:logo|mais|amanhã|breve)"),
        hears_person=_whole(
            "(?:.* )?falar com (?:uma? |algum )?(?:pessoa|humano|atendente|alguém|agente)"
            "(?: por favor)?",
            "humano|atendente|pessoa",
        ),
    ),
}

_FILLERS = re.compile(
    r"\b(?:please|pls|tell|give|show|explain|know|want|need|would|could|like|get|much|many|us|help|"
    r"bitte|gerne?|wissen|möchte|brauche|viel|viele|por favor|quiero|necesito|saber|cuánto|cuánta|"
    r"s'il vous plaît|voudrais|veux|savoir|combien|quero|preciso|quanto|quanta)\b",
    re.IGNORECASE,
)
_PUNCTUATION = re.compile(r"[^\w\s'’]+")
GREETING_AND_MORE = 40
"""A greeting can only stand in the first characters of a message."""


def phrases(language: str | None) -> Phrases:
    return PHRASES.get(language or "en", PHRASES["en"])


def plain(text: str) -> str:
    """A message without punctuation, emoji and letter case, to compare it with patterns."""
    return " ".join(_PUNCTUATION.sub(" ", text.lower()).split())


def without_fillers(text: str) -> str:
    """A question without the words that any question may have, unless it has no others."""
    rest = _FILLERS.sub(" ", text)
    return rest if plain(rest) else text


def without_greeting(text: str) -> str:
    """What follows a greeting of any language: `Hello, what is this?` asks `what is this?`."""
    head, comma, rest = text[:GREETING_AND_MORE].partition(",")
    if not comma:
        head, comma, rest = text[:GREETING_AND_MORE].partition("!")
    greets = any(each.hears_greeting.fullmatch(plain(head)) for each in PHRASES.values())
    if comma and greets and plain(rest + text[GREETING_AND_MORE:]):
        return text[len(head) + 1 :].strip()
    return text
