"""Coarse subject words and the mapping of free-text subjects to them."""

from __future__ import annotations

import re

# In order of precedence: the first word list that matches the text names the subject. Body parts come
# before people and animals ("the man's hand" is a hand), things worn or held before the wearer is not needed.
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("text", r"text|letters?|lettering|watermark|plates? number|license|logo|sign|writing|words?"),
    ("hand", r"hands?|fingers?|thumbs?|fists?|wrists?|palms?|gloves?"),
    (
        "face",
        r"faces?|eyes?|mouth|nose|lips?|teeth|tongue|cheeks?|chin|snout|muzzle|beak|beard|sunglasses|glasses|mask",
    ),
    ("hair", r"hair|mane|fur|ponytail|braids?"),
    ("arm", r"arms?|elbows?|shoulders?|sleeves?"),
    (
        "leg",
        r"legs?|foot|feet|paws?|knees?|hooves|hoof|thighs?|shoes?|boots?|trunk|tails?|claws?|forelegs?|hindlegs?|hind",
    ),
    ("head", r"heads?|ears?|neck|horns?|antlers?|tusks?"),
    (
        "clothing",
        r"shirt|jacket|coat|dress|trousers|pants|skirt|hat|cap|scarf|clothes|cloth|clothing|robe|suit|collar|helmet|fabric|jeans|sweater|hoodie|backpack|bag",
    ),
    (
        "person",
        r"man|woman|person|people|boy|girl|child|children|men|women|baby|couple|crowd|pedestrians?|surfer|skier|snowboarder|"
        r"dancer|ballerina|player|rider|cyclist|astronaut|chef|figures?|body|bodies|torso|pianist|runner|worker|driver|actor|"
        r"presenter|skateboarder|soldier|climber|speaker|guitarist|kid|lady|guy|mother|father|host|reporter|anchor|student|athlete|walkers?|fighter|swimmer",
    ),
    ("dog", r"dogs?|corgi|puppy|puppies|retriever|husky|poodle"),
    ("cat", r"cats?|kitten|tiger|lion|leopard|wildcat|cheetah"),
    (
        "bird",
        r"birds?|duck|penguin|hummingbird|owl|parrot|chicken|eagle|wings?|feathers?|swan|goose|peacock|seagull|flamingo",
    ),
    ("fish", r"fish|shark|whale|dolphin|turtle|jellyfish|fins?|octopus|crab"),
    (
        "animal",
        r"animals?|panda|bears?|elephant|horses?|fox|rabbit|sloth|frog|giraffe|crocodile|cow|sheep|pig|monkey|deer|squirrel|"
        r"hedgehog|raccoon|koala|butterfly|bee|ant|insect|wolf|otter|hamster|zebra|camel|goat|dinosaur|dragon|bigfoot|creature|kangaroo|snail|lizard|snake",
    ),
    ("car", r"cars?|truck|bus|taxi|van|wheels?|traffic|vehicles?|windshield|bonnet|jeep"),
    (
        "vehicle",
        r"bicycle|bike|motorcycle|motorbike|train|airplane|plane|helicopter|rocket|spaceship|tram|scooter|skateboard|drone|cart|tractor",
    ),
    ("boat", r"boats?|ship|ships|sail|sailboat|canoe|surfboard|kayak|raft|paddle"),
    ("drink", r"wine|coffee|milk|beer|juice|tea|drink|latte|foam|cups?|mug|glass|bottle|syrup|jug|liquid"),
    (
        "food",
        r"food|cake|bread|fruit|apple|grapes?|pizza|burger|meat|sauce|tomato|lettuce|ice cream|noodles|cheese|egg|lime|lemon|"
        r"banana|orange|cream|ketchup|slice|vegetables?|rice|chocolate|steak|sandwich|cookie|strawberr(?:y|ies)|dish",
    ),
    (
        "water",
        r"water|wave|waves|river|sea|ocean|lake|splash|spray|drops?|droplets|waterfall|fountain|rain|stream|surf|snow|ice|ripples?|pool",
    ),
    (
        "fire",
        r"fire|flames?|smoke|lava|sparks?|fireworks?|explosion|lightning|steam|fog|aurora|light|lights|burst|glow|clouds?|sky|sun|moon",
    ),
    (
        "plant",
        r"plants?|flowers?|trees?|leaf|leaves|petals?|grass|rose|branch|branches|bush|pine|forest|palm|ferns?|hedge|moss",
    ),
    (
        "building",
        r"buildings?|house|tower|wall|roof|windows?|bridge|castle|pillars?|city|doors?|street|road|fence|stairs|church|skyscrapers?|arch|lanes?|pavement",
    ),
    ("furniture", r"chair|table|sofa|bed|desk|couch|shelf|bench|lamp|piano|cupboard|counter|cabinet|carpet|curtains?"),
    (
        "background",
        r"background|scene|surroundings|mountains?|hill|sand|beach|rocks?|ground|floor|field|landscape|horizon|desert|stones?|cliff|ledge|market|shore",
    ),
)
_COMPILED = tuple((name, re.compile(rf"\b(?:{words})\b")) for name, words in _PATTERNS)

SUBJECTS: tuple[str, ...] = (*(name for name, _ in _PATTERNS), "object")


def coarse_subject(text: str) -> int:
    """Index into :data:`SUBJECTS` of a free-text subject such as ``dog's front leg``."""
    text = text.lower()
    for index, (_, pattern) in enumerate(_COMPILED):
        if pattern.search(text):
            return index
    return SUBJECTS.index("object")
