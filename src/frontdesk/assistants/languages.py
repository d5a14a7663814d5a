"""Languages: their ISO 639-1 codes, how PostgreSQL stems them, and which one a text is in."""

import re
from collections.abc import Mapping

_NAMES = """
aa Afar|ab Abkhazian|ae Avestan|af Afrikaans|ak Akan|am Amharic|an Aragonese|ar Arabic|as Assamese
av Avaric|ay Aymara|az Azerbaijani|ba Bashkir|be Belarusian|bg Bulgarian|bi Bislama|bm Bambara
bn Bengali|bo Tibetan|br Breton|bs Bosnian|ca Catalan|ce Chechen|ch Chamorro|co Corsican|cr Cree
cs Czech|cu Church Slavic|cv Chuvash|cy Welsh|da Danish|de German|dv Divehi|dz Dzongkha|ee Ewe
el Greek|en English|eo Esperanto|es Spanish|et Estonian|eu Basque|fa Persian|ff Fulah|fi Finnish
fj Fijian|fo Faroese|fr French|fy Western Frisian|ga Irish|gd Scottish Gaelic|gl Galician
gn Guarani|gu Gujarati|gv Manx|ha Hausa|he Hebrew|hi Hindi|ho Hiri Motu|hr Croatian|ht Haitian
hu Hungarian|hy Armenian|hz Herero|ia Interlingua|id Indonesian|ie Interlingue|ig Igbo
ii Sichuan Yi|ik Inupiaq|io Ido|is Icelandic|it Italian|iu Inuktitut|ja Japanese|jv Javanese
ka Georgian|kg Kongo|ki Kikuyu|kj Kuanyama|kk Kazakh|kl Kalaallisut|km Khmer|kn Kannada|ko Korean
kr Kanuri|ks Kashmiri|ku Kurdish|kv Komi|kw Cornish|ky Kyrgyz|la Latin|lb Luxembourgish|lg Ganda
li Limburgish|ln Lingala|lo Lao|lt Lithuanian|lu Luba-Katanga|lv Latvian|mg Malagasy
mh Marshallese|mi Maori|mk Macedonian|ml Malayalam|mn Mongolian|mr Marathi|ms Malay|mt Maltese
my Burmese|na Nauru|nb Norwegian Bokmål|nd North Ndebele|ne Nepali|ng Ndonga|nl Dutch
nn Norwegian Nynorsk|no Norwegian|nr South Ndebele|nv Navajo|ny Chichewa|oc Occitan|oj Ojibwa
om Oromo|or Odia|os Ossetian|pa Punjabi|pi Pali|pl Polish|ps Pashto|pt Portuguese|qu Quechua
rm Romansh|rn Rundi|ro Romanian|ru Russian|rw Kinyarwanda|sa Sanskrit|sc Sardinian|sd Sindhi
se Northern Sami|sg Sango|si Sinhala|sk Slovak|sl Slovenian|sm Samoan|sn Shona|so Somali
sq Albanian|sr Serbian|ss Swati|st Southern Sotho|su Sundanese|sv Swedish|sw Swahili|ta Tamil
te Telugu|tg Tajik|th Thai|ti Tigrinya|tk Turkmen|tl Tagalog|tn Tswana|to Tonga|tr Turkish
ts Tsonga|tt Tatar|tw Twi|ty Tahitian|ug Uyghur|uk Ukrainian|ur Urdu|uz Uzbek|ve Venda
vi Vietnamese|vo Volapük|wa Walloon|wo Wolof|xh Xhosa|yi Yiddish|yo Yoruba|za Zhuang|zh Chinese
zu Zulu
"""

LANGUAGES: Mapping[str, str] = {
    code: name
    for entry in _NAMES.strip().replace("\n", "|").split("|")
    for code, _, name in [entry.partition(" ")]
}
"""ISO 639-1 codes and English names."""

CONFIGURATIONS: Mapping[str, str] = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
"""PostgreSQL's text search configurations, present in every server since version 14."""

_WORDS = """
en the and is are you your what how do does for with of to in it can this
de der die das und ist sind ich sie wie was kann mit für nicht ein eine zu
es el la los las y es son qué cómo puedo con para no un una de en por mi
fr le la les et est sont je vous comment que avec pour pas un une des du mon
pt o os as e é são eu você como que posso com para não um uma do da em meu
it il lo gli e è sono io come che posso con per non un una di del della mio
nl de het een en is zijn ik je hoe wat kan met voor niet van mijn op
sv och är jag du hur vad kan med för inte en ett av på min det som
da og er jeg du hvordan hvad kan med for ikke en et af på min det som
ro și este sunt eu cum ce pot cu pentru nu un o de din la mea
tr ve bir bu nasıl ne için ile değil ben sen var mı da de çok
id dan yang di ke dari ini itu saya anda apa bagaimana untuk dengan tidak
"""

_FREQUENT: Mapping[str, frozenset[str]] = {
    code: frozenset(words) for code, *words in map(str.split, _WORDS.strip().splitlines())
}

_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("ta", re.compile(r"[\u0b80-\u0bff]")),
    ("hy", re.compile(r"[\u0530-\u058f]")),
)
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]+")
# PostgreSQL takes these for words.
_SIGNS = re.compile(
    r"[\x00\u2000-\u206f\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]"
)
_WORD = re.compile(r"[^\W\d_]+")
_READ = 4_000


def detect(text: str) -> str | None:
    """The language of a text by its script, else by its most frequent words; None if unclear."""
    sample = text[:_READ].lower()
    letters = sum(map(str.isalpha, sample))
    for code, script in _SCRIPTS:
        if len(script.findall(sample)) * 3 > letters:
            return code
    words = _WORD.findall(sample)
    counts = {code: sum(word in known for word in words) for code, known in _FREQUENT.items()}
    first, second = sorted(counts, key=lambda code: counts[code], reverse=True)[:2]
    return first if counts[first] > counts[second] else None


def configuration(code: str | None) -> str:
    """The text search configuration for a language; `simple` for those PostgreSQL cannot stem."""
    return CONFIGURATIONS.get(code or "", "simple")


def searchable(text: str) -> str:
    """Text as it is indexed and asked for.

    Scripts without spaces become overlapping pairs, which find words without knowing them. Full
    width punctuation is left out, and NUL, which PostgreSQL's text cannot hold.
    """
    return _UNSPACED.sub(_pairs, _SIGNS.sub(" ", text))


def _pairs(run: re.Match[str]) -> str:
    text = run.group()
    if len(text) < 3:
        return f" {text} "
    return " " + " ".join(text[at : at + 2] for at in range(len(text) - 1)) + " "
