"""An XML file as a value: everything that it says, nothing of how it was typed. Reading and writing are lossless.

The threat first: files come from outside. They may be huge, nest entities, name files or hosts. So: no DTD, no
entities, no network, and a size limit before anything is read.

What is kept: elements, attributes, text, their order, and the prefixes of namespaces (values such as
``xsi:type="bpmn:tFormalExpression"`` need them). What is not: comments, processing instructions, the order of
attributes, and white space between elements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

__all__ = ["Element", "Unreadable", "read", "write"]

MAX_ELEMENTS = 30_000
MAX_ATTRIBUTES = 100


class Unreadable(Exception):
    """This is no XML, or XML with something that is refused. ``where`` names it, the arguments are zh and en."""

    def __init__(self, where: str, zh: str, en: str) -> None:
        self.where, self.zh, self.en = where, zh, en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Element:
    """An element. Names are written ``{namespace}name``; ``namespaces`` are the prefixes that it declares itself.

    ``content`` holds elements, and texts where there is any text beside or instead of elements.
    """

    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    content: tuple[Element | str, ...] = ()
    namespaces: Mapping[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Element]:
        """Yield the elements inside."""
        return (child for child in self.content if isinstance(child, Element))

    @property
    def name(self) -> str:
        """The name without its namespace."""
        return self.tag.rpartition("}")[2]

    @property
    def namespace(self) -> str:
        return self.tag[1:].partition("}")[0] if self.tag.startswith("{") else ""

    @property
    def text(self) -> str:
        """The text directly inside."""
        return "".join(part for part in self.content if isinstance(part, str))

    def get(self, key: str, default: str = "") -> str:
        """Return an attribute."""
        return self.attributes.get(key, default)

    def find(self, *tags: str) -> Element | None:
        """Return the first element at the end of a path of tags."""
        for child in self:
            if child.tag == tags[0]:
                found = child.find(*tags[1:]) if tags[1:] else child
                if found is not None:
                    return found
        return None

    def walk(self, tag: str) -> Iterator[Element]:
        """Yield every element with that tag, however deep, in the order of the file."""
        for child in self:
            if child.tag == tag:
                yield child
            yield from child.walk(tag)


def read(xml: bytes, max_bytes: int) -> Element:
    """Read a file. Raises Unreadable."""
    if len(xml) > max_bytes:
        raise Unreadable("", f"文件超过 {max_bytes} 字节", f"the file exceeds {max_bytes} bytes")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable("", f"不是有效的 XML：{error.msg}", f"not valid XML: {error.msg}") from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise Unreadable("DOCTYPE", "不接受文档类型声明和实体", "document types and entities are refused")
    return _Reading().element(root, {}, keeps_space=False)


def write(root: Element) -> bytes:
    """Write a file: two spaces of indentation, ``id`` and ``name`` first among the attributes."""
    tree = _tree(root, None, 0)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(tree, encoding="UTF-8") + b"\n"


class _Reading:
    """One reading of one file, within its limits."""

    def __init__(self) -> None:
        self.elements = 0

    def element(self, source: etree._Element, known: Mapping[str, str], *, keeps_space: bool) -> Element:
        """Read one element. Between elements white space is layout, unless there is other text beside them; alone it is text."""
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise Unreadable("", f"元素超过 {MAX_ELEMENTS} 个", f"more than {MAX_ELEMENTS} elements")
        if len(source.attrib) > MAX_ATTRIBUTES:  # to read n of them takes n times n steps
            raise Unreadable(
                etree.QName(source).localname,
                f"属性超过 {MAX_ATTRIBUTES} 个",
                f"more than {MAX_ATTRIBUTES} attributes",
            )
        here = {prefix or "": uri for prefix, uri in source.nsmap.items()}
        declared = {prefix: uri for prefix, uri in here.items() if known.get(prefix) != uri}
        children = list(source)
        texts = [source.text, *(child.tail for child in children)]
        is_mixed = keeps_space or not children or any(text and not text.isspace() for text in texts)
        content: list[Element | str] = [source.text] if source.text and is_mixed else []
        for child in children:
            content.append(self.element(child, here, keeps_space=is_mixed))
            if child.tail and is_mixed:
                content.append(child.tail)
        attributes = {str(key): str(value) for key, value in source.attrib.items()}
        return Element(str(source.tag), attributes, tuple(content), declared)


def _tree(element: Element, parent: etree._Element | None, depth: int) -> etree._Element:
    prefixes: Any = {prefix or None: uri for prefix, uri in element.namespaces.items()}
    if parent is None:
        made = etree.Element(element.tag, nsmap=prefixes)
    else:
        made = etree.SubElement(parent, element.tag, nsmap=prefixes)
    for key in sorted(element.attributes, key=lambda key: (key != "id", key != "name", key)):
        made.set(key, element.attributes[key])
    is_mixed = depth < 0 or any(isinstance(part, str) for part in element.content)
    last: etree._Element | None = None
    for part in element.content:
        if isinstance(part, str):
            _append(made, last, part)
            continue
        if not is_mixed:
            _append(made, last, "\n" + "  " * (depth + 1))
        last = _tree(part, made, -1 if is_mixed else depth + 1)
    if last is not None and not is_mixed:
        last.tail = "\n" + "  " * depth
    return made


def _append(parent: etree._Element, last: etree._Element | None, text: str) -> None:
    if last is None:
        parent.text = (parent.text or "") + text
    else:
        last.tail = (last.tail or "") + text
