"""The language of the explanations: which words there are, what each claims, and the target of every sentence.

Annotators write of colours, numbers, actions and causes that no part of the model measures. A decoder trained on their
sentences would say such things too, right or wrong. So the decoder learns a *reduced* sentence: the named subject,
then what happens to it, cut where the sentence leaves the words of this file. What a sentence can claim:

- one subject, a noun of a coarse class (:mod:`tracenet.subjects`), with its owner (``the dog's leg``);
- what happens to it, in words that belong to the trace's category;
- how it looks while doing so (``like rubber``), which claims nothing about the scene;
- where it is and when, which is written into the sentence from the measured box and times (the decoder's own word for
  a place, ``<place>``, is a slot for it);
- sudden or lasting, which is checked against the measured times.

Never: colours, numbers, left and right, sex or identity of a person, what people do, what caused it (only that no cause
is seen, which is what an unexpected move means), generators.
"""

from __future__ import annotations

import re

from ..contract import CATEGORIES
from ..subjects import SUBJECTS, coarse_subject

PLACE = "<place>"
PAD, BEGIN, END = "<pad>", "<begin>", "<end>"
SPECIAL = (PAD, BEGIN, END, PLACE)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


D, B, T, R, M, S, G, V, U = CATEGORIES
SHAPE = (D, G)
MOVE = (T, U)
# Base form of a verb -> the categories whose sentences may use it.
VERBS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        _words("change bend stretch warp morph deform twist swell distort shift reshape wobble ripple curl crumple"),
        SHAPE,
    ),
    "melt": (D, G, M, V),
    "smear": (D, G, B),
    "shrink": (D, V),
    "grow": (D, G, R),
    "turn": (D, G),
    "flicker": (D, G, V, R),
    "blur": (B,),
    "lose": (D, G, B, V),
    "merge": (M,),
    "fuse": (M,),
    "blend": (M,),
    "split": (S,),
    "divide": (S,),
    "break": (S, D),
    "separate": (S,),
    "vanish": (V,),
    "disappear": (V,),
    "fade": (V,),
    "dissolve": (V, G, B),
    "appear": (R,),
    "pop": (R,),
    "emerge": (R,),
    "form": (R,),
    "slide": MOVE,
    "glide": MOVE,
    "float": MOVE,
    "hover": MOVE,
    "jump": MOVE,
    "drift": MOVE,
    "move": MOVE,
    "swing": MOVE,
    "spin": MOVE,
    "roll": MOVE,
    "hang": (*MOVE, R),
    "fall": MOVE,
    "rise": MOVE,
    "sink": MOVE,
    "creep": MOVE,
    "rush": MOVE,
    "race": MOVE,
    "churn": MOVE,
    "wriggle": MOVE,
    "spread": MOVE,
    "stay": MOVE,
    "stop": MOVE,
    "flow": MOVE,
    "drop": MOVE,
    "bounce": MOVE,
    "burst": MOVE,
}
IRREGULAR = {
    "split": ("split", "splitting", "split"),
    "break": ("breaks", "breaking", "broken"),
    "lose": ("loses", "losing", "lost"),
    "grow": ("grows", "growing", "grown"),
    "bend": ("bends", "bending", "bent"),
    "swing": ("swings", "swinging", "swung"),
    "spin": ("spins", "spinning", "spun"),
    "hang": ("hangs", "hanging", "hung"),
    "fall": ("falls", "falling", "fallen"),
    "rise": ("rises", "rising", "risen"),
    "sink": ("sinks", "sinking", "sunk"),
    "creep": ("creeps", "creeping", "crept"),
    "spread": ("spreads", "spreading", "spread"),
    "burst": ("bursts", "bursting", "burst"),
    "stay": ("stays", "staying", "stayed"),
    "swell": ("swells", "swelling", "swollen"),
}
DOUBLING = {"blur", "pop", "stop", "drop"}
PLURAL = {"is": "are", "has": "have", "does": "do", "keeps": "keep", "looks": "look", "seems": "seem", "was": "were"}
# Other words that claim a category.
CLAIMS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_words(
        "malformed misshapen distorted deformed melted bent shapeless rubbery lumpy stretched warped garbled "
        "uneven lopsided crooked jagged wavy wobbly"
    ), SHAPE,
    ),
    **dict.fromkeys(_words("blurry blurred smeared smudged hazy unclear"), (D, G, B)),
    **dict.fromkeys(_words("fused together"), (M,)),
    "merged": (M,),
    "apart": (S,),
    "pieces": (S,),
    "halves": (S,),
    "nowhere": (R,),
    "extra": (R,),
    "gone": (V,),
    "missing": (V,),
    "itself": MOVE,
    "themselves": MOVE,
    "impossible": (*MOVE, *SHAPE),
    "sideways": MOVE,
    "backwards": MOVE,
}  # fmt: skip
# Words of how it looks, and of form; they claim no category.
MANNER = _words(
    "shape shapes size form outline outlines edge edges detail details texture textures pattern structure "
    "surface length proportions lines parts part body lump lumps blob blobs smear smears blur smudge smudges "
    "stump stumps mass patch patches rubber wax paint plastic clay liquid smoke jelly painted soft solid "
    "clear natural unnatural unnaturally naturally strange strangely odd oddly wrong stiff stiffly stable "
    "different other new separate recognisable definition sharpness place made flat strands form features "
    "smooth unlike molten glued sculpture carved rails treadmill rope jumble time place spot way reason cause "
    "air picture scene view background surroundings around away back again out off into one another each "
    "moment moments frame frames real normal proper physically anatomically anything nothing sense together "
    "distinct visible still fixed same consistent through across over time along"
)
SUDDEN = _words("suddenly abruptly instantly")
LASTING = _words("constantly always continuously keeps keep")
FUNCTION = _words(
    "the a an and or but of in on to from with without into like as if though were it its their they them "
    "that which is are was be being has have does do not no never any so too very far more than rather "
    "instead while then by at for this all between itself themselves cannot up down gradually slowly quickly "
    "softly hardly barely should"
)
PEOPLE = {
    **dict.fromkeys(
        _words(
            "man woman boy girl lady guy male female mother father dancer runner walker rider surfer athlete singer "
            "speaker presenter player astronaut knight driver skier climber swimmer worker chef"
        ),
        "person",
    ),
    **dict.fromkeys(_words("men women boys girls pedestrians dancers tourists visitors walkers"), "people"),
    **dict.fromkeys(_words("kid toddler"), "child"),
}
SYNONYMS = {
    "colour": "",
    "color": "",
    "kitten": "cat",
    "puppy": "dog",
    "creature": "animal",
    "wildcat": "cat",
    "vehicles": "cars",
    "vehicle": "car",
    "clouds": "cloud",
    "flames": "flame",
    "upward": "upwards",
}
_MODIFIER = (
    r"(?:left|right|upper|lower|front|rear|hind|raised|far|near|nearest|big|small|large|tiny|huge|long|short|thin|round|"
    r"rounded|thick|dark|bright|pale|faint|white|black|red|blue|green|yellow|orange|pink|purple|grey|gray|brown|golden|gold|silver|"
    r"bronze|colou?red|first|second|third|one|two|three|four|five|many|several|single|both|whole|entire|old|young|"
    r"standing|walking|running|flying|held|outer|inner|middle|central|main)"
)
_DROPPED = re.compile(
    rf"\b(?:(?:far|much|very|so|too) )*{_MODIFIER}\b(?!-)(?:(?:,| and| or|, and) (?:(?:too|very) )?{_MODIFIER}\b(?!-))*"
)
_PLACES = re.compile(
    r"\b(?:on|at|in|to) the (?:far |upper |lower |bottom |top )?(?:left|right|top|bottom|middle|centre|center|corner|"
    r"foreground|background|distance|sky|picture)(?: side| edge| corner| hand side)?\b"
)
_CLAUSE = re.compile(
    r"\s*[,;]\s*|\s+(?=(?:as|while|although|(?<!as )though|when|because|so|where|until|before|after|which|who|"
    r"(?<!so )that|with|without|instead|rather|unlike|(?<!look )(?<!looks )like|whereas|yet|but)\b)"
)


def finite(base: str) -> str:
    """Third person singular."""
    if base in IRREGULAR and base != "split":
        return IRREGULAR[base][0]
    return base + ("es" if re.search(r"(?:s|sh|ch|x|o)$", base) else "s")


def participle(base: str) -> str:
    """The ``-ing`` form."""
    if base in IRREGULAR:
        return IRREGULAR[base][1]
    if base in DOUBLING:
        return base + base[-1] + "ing"
    return (base[:-1] if base.endswith("e") else base) + "ing"


def past(base: str) -> str:
    """The past participle."""
    if base in IRREGULAR:
        return IRREGULAR[base][2]
    if base in DOUBLING:
        return base + base[-1] + "ed"
    return base + ("d" if base.endswith("e") else "ed")


def _claims() -> dict[str, tuple[str, ...]]:
    found = dict(CLAIMS)
    for base, categories in VERBS.items():
        for word in (base, finite(base), participle(base), past(base)):
            found[word] = tuple(sorted({*found.get(word, ()), *categories}, key=CATEGORIES.index))
    return found


WORD_CLAIMS: dict[str, tuple[str, ...]] = _claims()
# Two words in a row that claim more than each alone: what melts into something merges with it.
PAIR_CLAIMS: dict[tuple[str, str], tuple[str, ...]] = {
    (word, "into"): (M,) for base in ("melt",) for word in (base, finite(base), participle(base), past(base))
}
NOUN_VERBS = _words("change changes form forms blur blurs smear smears spread burst drop drops jump shape")
_BARE_AFTER = {"to", "not", "cannot", "does", "do", "never", "should"}
_COPULAS = _words("is are look looks seem seems stay stays hang hangs be being")
_ADJECTIVES = _words(
    "malformed misshapen distorted deformed melted bent shapeless rubbery lumpy stretched warped garbled "
    "uneven lopsided crooked jagged wavy wobbly blurry blurred smeared smudged hazy unclear fused impossible "
    "painted soft solid clear natural unnatural strange odd wrong stiff stable different other new separate "
    "recognisable real normal proper distinct visible still fixed same consistent"
)
_OBJECTS = {"change": "shape", "changes": "shape", "changing": "shape"}
_MANNER_STARTS = {"like", "unlike", "without", "instead", "rather"}
_ARTICLES = {"a", "an", "the", "its", "their", "no", "any"}
_LINKS = _words("of like and or as to in on at for from with into than by that over across")
# Verbs that need an object or a complement, and links: no clause ends on them.
_OPEN = _words(
    "over across around along through in on to from with at by for up down a an the and or of like as if as "
    "than without instead rather lose loses losing lost turn turns turning form forms forming keep keeps look "
    "looks has have having do does is are seem seems stay stays reason sense back out into off away again "
    "other each all"
) - {"away", "again", "back", "off"}
FINITE = {finite(base): base for base in VERBS} | {single: many for single, many in PLURAL.items()}
BARE = {many: single for single, many in FINITE.items()}
_BODY = FUNCTION | MANNER | SUDDEN | LASTING | set(WORD_CLAIMS) | set(FINITE) | set(BARE) | {PLACE}
STARTS = set(FINITE) | set(BARE) | SUDDEN | {"cannot", "never", "gradually", "slowly", "constantly"}
# A sentence may end on these only.
_ENDS = (MANNER | set(WORD_CLAIMS) | SUDDEN) - {"into", "out", "other", "new", "same", "each", "one"}
_MAX_CLAUSES = 2
MAX_WORDS = 22


def tokens(text: str) -> list[str]:
    """Words of a text in lower case; the place slot is one word."""
    return re.findall(r"<place>|[a-z]+(?:'s|'(?![a-z]))?", text.lower().replace("\u2019", "'"))


def _replaced(words: list[str]) -> list[str]:
    out = []
    for word in words:
        stem, suffix = (word[:-2], "'s") if word.endswith("'s") else (word.rstrip("'"), "'" if word[-1] == "'" else "")
        stem = PEOPLE.get(stem, SYNONYMS.get(stem, stem))
        if stem:
            out.append(stem + ("'s" if suffix and not stem.endswith("s") else suffix))
    return out


def subject_phrase(subject: str) -> list[str]:
    """``the`` and a noun, with its owner where there is one, from an annotated subject."""
    text = _DROPPED.sub(" ", _PLACES.sub(" ", subject.lower()))
    text = re.split(r"\b(?:and|with|of|in|on|at|by|behind|beside|near|above|below|around|under|from|to|for)\b|,", text)[
        0
    ]
    words = [word for word in _replaced(tokens(text)) if word not in ("the", "a", "an", "his", "her", "their", "its")]
    if not words:
        return ["the", "object"]
    owners = [word for word in words[:-1] if word.endswith(("'s", "s'"))]
    return ["the", *owners[-1:], words[-1]]


def is_plural(noun: str) -> bool:
    """Whether a noun takes a plural verb, by its form."""
    return noun in ("people", "men", "women", "children", "feet", "teeth") or (
        noun.endswith("s") and not noun.endswith(("ss", "us", "grass", "glass", "canvas"))
    )


def _agree(words: list[str], plural: bool) -> list[str]:
    """Finite verbs of the main clause in the number of the subject.

    After ``to``, ``not`` and the like the bare form stays; words that are nouns too (``change``, ``form``) count as
    verbs at the start, after ``and`` and after an adverb only.
    """
    out: list[str] = []
    for word in words:
        previous = out[-1] if out else ""
        heads = not out or previous in ("and", *SUDDEN, "gradually", "slowly", "constantly")
        if previous in _BARE_AFTER or (word in NOUN_VERBS and not heads):
            out.append(word)
        elif plural:
            out.append(FINITE.get(word, word))
        else:
            out.append(BARE.get(word, word))
    return out


def _prefix(words: list[str]) -> list[str]:
    """The longest beginning inside the language that ends on a word a clause may end on."""
    kept = []
    for word in words:
        broken = kept and (kept[-1] in _ARTICLES or (kept[-1] in _ADJECTIVES and kept[-2:-1] and kept[-2] in _ARTICLES))
        if word not in _BODY or (broken and word in _LINKS) or (kept and kept[-1] == "and" and word in MANNER):
            break
        kept.append(word)
    return _closed(kept)


def _closed(words: list[str]) -> list[str]:
    """Cut back to a word a clause may end on; a bare ``changes`` gets its object."""
    kept = list(words)
    while kept:
        last, earlier = kept[-1], kept[-4:-1]
        adjective = last in _ADJECTIVES and not _COPULAS & set(earlier)
        if last in _OBJECTS:
            return [*kept, _OBJECTS[last]]
        if last in _ENDS and last not in _OPEN and not adjective:
            break
        kept.pop()
    return kept


def reduce(explanation: str, subject: str, category: str) -> list[str] | None:
    """The target of the decoder: words of the reduced sentence, or ``None`` where nothing of it is left.

    Words that claim another category than the trace's end the sentence, so that no target contradicts its trace.
    """
    text = explanation.lower().rstrip(". ")
    placed = bool(_PLACES.search(text.split(",")[0]))
    clauses = [_replaced(tokens(_DROPPED.sub(" ", _PLACES.sub(" ", part)))) for part in _CLAUSE.split(text)]
    clauses = [words for words in clauses if words]
    phrase = subject_phrase(subject)
    plural = is_plural(phrase[-1])
    for index, words in enumerate(clauses):
        begin = next((i for i, word in enumerate(words) if word in STARTS and i > 0), None)
        if begin is None:
            continue
        predicate = _allowed(_prefix(words[begin:]), category)
        if not _says(predicate, category):
            continue
        body = _agree(predicate, plural)
        added = 0
        for more in clauses[index + 1 :]:
            extra = _allowed(_prefix(more), category)
            manner = more[0] in _MANNER_STARTS or more[:2] in (["as", "if"], ["as", "though"])
            if (
                manner
                and len(extra) == len(more) > 1
                and added < _MAX_CLAUSES
                and len(body) + len(extra) < MAX_WORDS - 5
            ):
                body += extra
                added += 1
        if category in SHAPE and plural:
            body = ["their" if word == "its" else word for word in body]
        return [*phrase, *([PLACE] if placed else []), *body][:MAX_WORDS]
    return None


def _allowed(words: list[str], category: str) -> list[str]:
    """The beginning without a word that claims another category, ending as a clause may end."""
    kept = []
    for word in words:
        pair = PAIR_CLAIMS.get((kept[-1], word), (category,)) if kept else (category,)
        if category not in WORD_CLAIMS.get(word, (category,)) or category not in pair:
            break
        kept.append(word)
    return _closed(kept)


def _says(words: list[str], category: str) -> bool:
    return any(category in WORD_CLAIMS.get(word, ()) for word in words)


def noun_class(word: str) -> int | None:
    """Coarse class of a noun, ``None`` for a word that is no known noun."""
    index = coarse_subject(word)
    return None if SUBJECTS[index] == "object" and word not in ("object", "objects", "thing", "shape") else index
