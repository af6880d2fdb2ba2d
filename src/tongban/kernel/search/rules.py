"""Cutting texts into tokens and questions into queries. Pure: no Django here.

Chinese has no spaces. A text is cut twice: into words (rjieba, every length that the dictionary knows) and into pairs of
characters. Words make the ranking good; pairs find what the dictionary does not know ("澄溪", a street, a new business), so
nothing written in an entry can be missed. English words are lower case and matched by
prefix; pinyin is kept whole and by initials, from each word on. What was mistyped is guessed only when what was typed is not
all found: Latin words by their neighbours, Chinese ones by their sound.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = [
    "MAX_QUERY",
    "Question",
    "distance",
    "guesses_of",
    "is_near",
    "near_forms",
    "phrases_of",
    "question_of",
    "sound_of",
    "tokens_of",
    "tsquery_of",
    "widened",
    "words_of",
]

MAX_QUERY = 100
MAX_TOKENS = 24
MAX_RUN = 40
"""Of a longer run without any sign between its characters nobody types the sound."""
SHORTEST, LONGEST = 4, 24
"""Letters of words that are guessed: in a shorter one a slip makes another word, a longer one is no word."""

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
RUNS = re.compile(rf"[{HAN}]+|[a-z0-9]+", re.IGNORECASE)
IS_HAN = re.compile(rf"[{HAN}]")

# Words that say how one asks, not what one asks for. They are left out of questions only, never out of the index.
FUNCTION_WORDS = frozenset(
    """
    我 你 您 他 她 我们 想 想要 要 需要 请问 怎么 怎样 如何 什么 哪里 哪儿 可以 能 能不能 吗 呢 啊 吧 的 了 着 过 在 是 有 和 与
    及 或 去 来 到 给 把 被 个 一个 一家 一间 家 间 一下 这 那 这个 那个 办 办理 申请
    a an the to of for in on at and or is are i we my our how what where want need would like can do get with please
    """.split()  # noqa: SIM905 - words are easier to read and to add than quoted strings
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: each term with its alternatives; an entry that matches more terms is better."""

    terms: tuple[tuple[str, ...], ...]

    def __bool__(self) -> bool:
        return bool(self.terms)


def tokens_of(text: str) -> list[str]:
    """Return the tokens under which a text is indexed.

    >>> tokens_of("开小吃店 Snack bars")
    ['开', '小吃', '小吃店', '吃店', '店', '开小', 'snack', 'bars']
    """
    found: dict[str, None] = {}
    for run in RUNS.findall(text):
        if IS_HAN.match(run):
            found |= dict.fromkeys(sorted([*_words(run), *_pairs(run)], key=run.find))
        else:
            found[run.lower()] = None
    return list(found)


def sound_of(text: str) -> list[str]:
    """Return how the Chinese of a text is typed in Latin letters, from the beginning of each of its words to the end.

    >>> sound_of("食品许可")
    ['shipinxuke', 'spxk', 'xuke', 'xk']
    """
    from pypinyin import Style, lazy_pinyin  # its dictionaries take a quarter of a second to load

    found: dict[str, None] = {}
    for run in RUNS.findall(text):
        if not IS_HAN.match(run) or len(run) > MAX_RUN:
            continue
        syllables = lazy_pinyin(run)
        initials = lazy_pinyin(run, style=Style.FIRST_LETTER)
        for start in _starts(run):
            found["".join(syllables[start:])] = None
            if len(run) - start > 1:
                found["".join(initials[start:])] = None
    return list(found)


def words_of(text: str) -> set[str]:
    """Return the words of a text by which a mistyped one is recognised: as they sound for Chinese, as they are for Latin.

    >>> sorted(words_of("食品许可 licence"))
    ['licence', 'shipin', 'shipinxuke', 'xuke']
    """
    from pypinyin import lazy_pinyin

    found: set[str] = set()
    for run in RUNS.findall(text):
        if IS_HAN.match(run):
            words = _words(run)
            whole = _cut(run)
            pairs = [first + second for first, second in pairwise(whole)]
            found |= {"".join(lazy_pinyin(word)) for word in {*words, *whole, *pairs} if len(word) > 1}
        else:
            found.add(run.lower())
    return {word for word in found if SHORTEST <= len(word) <= LONGEST and word.isascii() and word.isalpha()}


def near_forms(word: str) -> list[str]:
    """Return the word, and the word without each of its letters: two words that share one are a slip of the finger apart."""
    return list(dict.fromkeys([word, *(word[:i] + word[i + 1 :] for i in range(len(word)))]))


def is_near(typed: str, word: str) -> bool:
    """True when ``typed`` is ``word`` with one letter wrong, missing, too many or swapped; two where there are eight or more."""
    return distance(typed, word) <= (2 if min(len(typed), len(word)) >= 8 else 1)


def distance(one: str, other: str) -> int:
    """Return how many letters were changed, left out, added, or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def guesses_of(query: str) -> tuple[list[str], list[str]]:
    """Return what may be guessed of a query: Latin words that may be mistyped, and how its Chinese sounds, window by window."""
    from pypinyin import lazy_pinyin

    query = query[:MAX_QUERY].lower()
    latin: dict[str, None] = {}
    sounds: dict[str, None] = {}
    for run in RUNS.findall(query):
        if IS_HAN.match(run):
            syllables = lazy_pinyin(run)
            for start, end in _windows(len(run)):
                sounds["".join(syllables[start:end])] = None
        elif SHORTEST <= len(run) <= LONGEST and run.isalpha() and run not in FUNCTION_WORDS:
            latin[run] = None
    return list(latin)[:6], list(sounds)


def widened(query: str, near: Mapping[str, Sequence[str]], known: Collection[str]) -> Question:
    """Return the question with its guesses: ``near`` words for mistyped Latin ones, ``known`` sounds for miswritten Chinese."""
    from pypinyin import lazy_pinyin

    terms: list[tuple[str, ...]] = []
    for run in RUNS.findall(query[:MAX_QUERY].lower()):
        if not IS_HAN.match(run):
            if run not in FUNCTION_WORDS:
                terms.append((_lexeme(run), *(f"{word}:*" for word in near.get(run, ()))))
            continue
        syllables, at = lazy_pinyin(run), 0
        while at < len(run):
            for start, end in _windows(len(run)):
                sound = "".join(syllables[start:end])
                if start == at and sound in known:
                    terms.append((_conjunction(run[start:end]), f"{sound}:*"))
                    at = end
                    break
            else:
                at += 1
    return Question(tuple(dict.fromkeys(terms))[:MAX_TOKENS])


def _windows(length: int) -> Iterator[tuple[int, int]]:
    """Yield the windows of two to six characters, at each place the longest first."""
    for start in range(min(length, 30)):
        for size in range(6, 1, -1):
            if start + size <= length:
                yield start, start + size


def phrases_of(query: str) -> list[str]:
    """Return every part of a query that could be a term of a synonym group: runs of 1 to 8 characters, of 1 to 4 words."""
    query = query[:MAX_QUERY].lower()
    found: dict[str, None] = {}
    for run in RUNS.findall(query):
        if IS_HAN.match(run):
            for length in range(1, 9):
                found |= dict.fromkeys(run[i : i + length] for i in range(len(run) - length + 1))
    words = re.findall(r"[a-z0-9]+", query)
    for length in range(1, 5):
        found |= dict.fromkeys(" ".join(words[i : i + length]) for i in range(len(words) - length + 1))
    return list(found)


def question_of(query: str, synonyms: Iterable[Sequence[str]] = ()) -> Question:
    """Turn what was typed into terms with alternatives. ``synonyms`` are the groups that ``phrases_of`` met.

    A group that meets the query becomes one term: any of its words will do. What remains is cut into words, without function
    words; a query of function words alone is taken as it is.
    """
    rest = query[:MAX_QUERY].lower()
    terms: list[tuple[str, ...]] = []
    for group in synonyms:
        met = sorted((term for term in group if _meets(term, rest)), key=len, reverse=True)
        if met:
            terms.append(tuple(dict.fromkeys(part for term in group if (part := _conjunction(term)))))
            for term in met:
                rest = rest.replace(term, " ")
    content = _question_words(rest, FUNCTION_WORDS)
    if not content and not terms:
        content = _question_words(rest, frozenset())
    terms.extend((_lexeme(word),) for word in content)
    return Question(tuple(dict.fromkeys(terms))[:MAX_TOKENS])


def tsquery_of(question: Question) -> str:
    """Return the text for ``to_tsquery('simple', ...)``: any term may match; ranking counts how many did."""
    return " | ".join(term_query(term) for term in question.terms)


def term_query(term: Sequence[str]) -> str:
    """Return the query of one term: any of its alternatives."""
    return "(" + " | ".join(term) + ")"


def _cut(run: str) -> list[str]:
    import rjieba

    return rjieba.cut(run, True)


def _starts(run: str) -> list[int]:
    """Return where the words of a run begin."""
    starts, at = [], 0
    for word in _cut(run):
        starts.append(at)
        at += len(word)
    return starts


def _words(run: str) -> list[str]:
    import rjieba  # its dictionary, too

    return rjieba.cut_for_search(run, True)


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


def _question_words(text: str, left_out: frozenset[str]) -> list[str]:
    import rjieba

    found: dict[str, None] = {}
    for run in RUNS.findall(text):
        if IS_HAN.match(run):
            words = [word for word in rjieba.cut(run, True) if word not in left_out]
            # A word of one character says little beside its neighbours ("米线", "店"); alone it is all there is.
            found |= dict.fromkeys([word for word in words if len(word) > 1] or words)
        elif run not in left_out:
            found[run] = None
    return list(found)


def _meets(term: str, text: str) -> bool:
    """True when the term stands in the text: anywhere in Chinese, as whole words (or their beginning) in English."""
    if IS_HAN.search(term):
        return term in text
    return re.search(rf"(?<![a-z0-9]){re.escape(term)}", text) is not None


def _conjunction(term: str) -> str:
    """Return the query of one synonym: all of its tokens."""
    runs = RUNS.findall(term.lower())
    parts: list[str] = []
    for run in runs:
        if IS_HAN.match(run):
            parts.extend(_pairs(run) or [run])
        else:
            parts.append(_lexeme(run))
    return "(" + " & ".join(dict.fromkeys(parts)) + ")" if parts else ""


def _lexeme(word: str) -> str:
    """Return one word of a query. Latin words match by their beginning, without a plural's s or a participle's ing."""
    if IS_HAN.match(word):
        return (
            word if len(word) <= 2 else "(" + " | ".join([word, "(" + " & ".join(_pairs(word)) + ")"]) + ")"
        )
    for ending in ("ies", "ing", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return f"{word}:*"
