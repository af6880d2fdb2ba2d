"""The door of search: make public things findable, and find them by anybody's words.

What is found, and by which words, is data (titles, texts, keywords, groups of synonyms); nothing here knows a business.
"""

from tongban.kernel.search.operations.index import Findable, index, index_many, put_synonyms, unindex
from tongban.kernel.search.queries import Hit, search

__all__ = ["Findable", "Hit", "index", "index_many", "put_synonyms", "search", "unindex"]
