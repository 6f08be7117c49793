"""Words that hold a sentence together, open a question, or name images rather than what they show."""

from collections.abc import Mapping

BE = ("is", "are", "was", "were", "be", "being", "must be", "should be", "has to be", "have to be", "can be")
LOCATED = (
    "located", "situated", "placed", "positioned", "found", "parked", "docked", "moored", "anchored", "berthed",
    "stationed", "standing", "lying", "sitting", "built", "arranged", "oriented",
)  # fmt: skip
STANDS = ("lies", "lie", "stands", "stand", "sits", "sit", "stays", "stay", "remains", "remain", "rests", "rest")
PRESENT = (
    "present", "visible", "seen", "shown", "in view", "in sight", "to be seen", "present in it",
)  # fmt: skip
EXISTS = ("exist", "exists", "appear", "appears", "occur", "occurs")
STOPS = (".", ";", "?", "!", ":")
NOT_BOTH = ("but not both", "not both", "and not both", ", but not both", ", not both", ", and not both")
ENDS = (
    "and", "or", "but", "nor", "than", "as well as", "along with", "together with", "plus", "while", *",.;:?!",
)  # fmt: skip
PRONOUNS: Mapping[str, bool] = {"it": False, "them": True, "they": True}
OBJECT_WORDS: Mapping[str, bool] = {
    "object": False, "objects": True, "thing": False, "things": True, "item": False, "items": True,
}  # fmt: skip

VERBS = (
    "find", "find me", "search", "search for", "look for", "show", "show me", "give me", "get", "get me", "list",
    "retrieve", "locate", "detect", "return", "fetch", "display", "select", "identify", "spot",
    "i want", "i need", "i am looking for", "i would like", "we need", "we want", "we are looking for", "looking for",
    "searching for", "i am searching for", "we are searching for", "i am interested in", "i look for", "let me see",
    "see", "i would love", "need", "want", "bring me", "bring up", "pull up", "filter", "filter for",
)  # fmt: skip
VERB_FILLERS = (
    "to find",
    "to see",
    "to have",
    "to get",
    "to search for",
    "to look for",
    "to retrieve",
    "to look at",
)
POLITE = (
    "please",
    "pls",
    "plz",
    "can you",
    "could you",
    "would you",
    "will you",
    "kindly",
    "can i",
    "could i",
    "hello",
    "hi",
    "hey",
    "me",
)
IMAGE_NOUNS = (
    "image", "images", "scene", "scenes", "picture", "pictures", "photo", "photos", "photograph", "photographs",
    "tile", "tiles", "imagery", "view", "views", "photographies", "pics", "pic", "frame", "frames", "snapshot",
    "snapshots",
)  # fmt: skip
PLACE_NOUNS = ("area", "areas", "place", "places", "location", "locations", "site", "sites")
IMAGE_ADJECTIVES = (
    "aerial",
    "satellite",
    "overhead",
    "remote sensing",
    "drone",
    "uav",
    "air",
    "airborne",
    "space",
    "spaceborne",
    "bird's eye",
    "top down",
    "remotely sensed",
)
SHOWING = (
    "with", "of", "showing", "containing", "having", "including", "depicting", "featuring", "where", "in which",
    "on which", "such that", "where there is", "in which there is", "in which you can see", "where you can see",
    "in which one can see", "where one can see", "in which we can see", "where we can see", "in which i can see",
    "where i can see",
)  # fmt: skip
LACKS = ("lack", "lacks", "lacking", "free of")
SHOWS = (
    "show", "shows", "contain", "contains", "have", "has", "include", "includes", "depict", "depicts", "feature",
    "features",
)  # fmt: skip
