"""Cutting texts into tokens and questions into queries. Pure: no Django here.

Chinese has no spaces. A text is cut twice: into words (rjieba, every length that the dictionary knows) and into pairs of
characters. Words make the ranking good; pairs find what the dictionary does not know ("澄溪", a street, a new business), so
nothing written in an entry can be missed. English words are lower case and matched by
prefix; pinyin is kept whole and by initials.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["MAX_QUERY", "Question", "phrases_of", "question_of", "sound_of", "tokens_of", "tsquery_of"]

MAX_QUERY = 100
MAX_TOKENS = 24

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
    """Return how the Chinese of a text is typed in Latin letters: whole and by initials ("xiaochidian", "xcd")."""
    from pypinyin import Style, lazy_pinyin  # its dictionaries take a quarter of a second to load

    found: dict[str, None] = {}
    for run in RUNS.findall(text):
        if IS_HAN.match(run) and len(run) <= 20:
            found["".join(lazy_pinyin(run))] = None
            if len(run) > 1:
                found["".join(lazy_pinyin(run, style=Style.FIRST_LETTER))] = None
    return list(found)


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
