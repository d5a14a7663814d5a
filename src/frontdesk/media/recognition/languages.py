"""Languages as recognisers name them: `english`, `en-US`, `zh-cn`; ours are ISO 639-1."""

_NAMES = """
afrikaans af, albanian sq, amharic am, arabic ar, armenian hy, assamese as, azerbaijani az,
bashkir ba, basque eu, belarusian be, bengali bn, bosnian bs, breton br, bulgarian bg, burmese my,
cantonese zh, castilian es, catalan ca, chinese zh, croatian hr, czech cs, danish da, dutch nl,
english en, estonian et, faroese fo, finnish fi, flemish nl, french fr, galician gl, georgian ka,
german de, greek el, gujarati gu, haitian ht, haitian creole ht, hausa ha, hebrew he, hindi hi,
hungarian hu, icelandic is, indonesian id, irish ga, italian it, japanese ja, javanese jv,
kannada kn, kazakh kk, khmer km, korean ko, lao lo, latin la, latvian lv, letzeburgesch lb,
lingala ln, lithuanian lt, luxembourgish lb, macedonian mk, malagasy mg, malay ms, malayalam ml,
maltese mt, mandarin zh, maori mi, marathi mr, moldavian ro, moldovan ro, mongolian mn, myanmar my,
nepali ne, norwegian no, nynorsk nn, occitan oc, panjabi pa, pashto ps, persian fa, polish pl,
portuguese pt, punjabi pa, pushto ps, romanian ro, russian ru, sanskrit sa, serbian sr, shona sn,
sindhi sd, sinhala si, sinhalese si, slovak sk, slovenian sl, somali so, spanish es, sundanese su,
swahili sw, swedish sv, tagalog tl, tajik tg, tamil ta, tatar tt, telugu te, thai th, tibetan bo,
turkish tr, turkmen tk, ukrainian uk, urdu ur, uzbek uz, valencian ca, vietnamese vi, welsh cy,
yiddish yi, yoruba yo, zulu zu
"""
_ENTRIES = (entry.rpartition(" ") for entry in _NAMES.strip().split(","))
ISO_OF_NAME = {name.strip(): code for name, _, code in _ENTRIES}
ISO = frozenset(ISO_OF_NAME.values())
OTHER_CODES = {"jw": "jv", "iw": "he", "in": "id", "yue": "zh", "cmn": "zh", "nb": "no"}


def iso_639_1(value: object) -> str | None:
    """The two-letter code of a language's name or tag; None for what is not known."""
    if not isinstance(value, str):
        return None
    text = value.strip().lower()
    if text in ISO_OF_NAME:
        return ISO_OF_NAME[text]
    primary = text.replace("_", "-").partition("-")[0]
    code = OTHER_CODES.get(primary, primary)
    return code if code in ISO else None
