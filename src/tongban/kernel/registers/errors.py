"""What registers refuse."""

from __future__ import annotations

from tongban.base.errors import Conflict, Forbidden, Invalid, NotFound
from tongban.base.text import LocalizedText

__all__ = [
    "DefinitionInvalid",
    "DuplicateKeys",
    "NotTheOwner",
    "TypeCannotChange",
    "UnknownField",
    "UnknownRegister",
    "ValueInvalid",
]


class UnknownRegister(NotFound):
    """There is no register of this key."""

    code = "registers-unknown-register"
    title = LocalizedText("没有这个登记簿", "There is no such register")


class UnknownField(Invalid):
    """The register has no field of this key (any more)."""

    code = "registers-unknown-field"
    title = LocalizedText("登记簿没有这个字段", "The register has no such field")


class ValueInvalid(Invalid):
    """A value is not of its field's type. ``data["errors"]`` names the fields, never the values."""

    code = "registers-value-invalid"
    title = LocalizedText("有的值不符合字段类型", "A value does not fit the type of its field")


class DefinitionInvalid(Invalid):
    """The definition of a register is wrong; ``data["problems"]`` says where."""

    code = "registers-definition-invalid"
    title = LocalizedText("登记簿定义有误", "The definition of the register is wrong")


class TypeCannotChange(Conflict):
    """A field's type never changes, or its history could not be read any more; add a new field."""

    code = "registers-type-cannot-change"
    title = LocalizedText("字段类型不能改，请新增字段", "The type of a field cannot change; add a new field")


class DuplicateKeys(Invalid):
    """The same key stands twice among the rows to load."""

    code = "registers-duplicate-keys"
    title = LocalizedText("同一主键出现了两次", "The same key appears twice")


class SealedOtherwise(Conflict):
    """Records stand there sealed for another cipher; until they are sealed anew, many at once cannot be compared with them."""

    code = "registers-sealed-otherwise"
    title = LocalizedText(
        "登记簿里还有按原来算法加密的记录，请先运行 tongban keys reseal",
        "The register still holds records sealed under the cipher before; run tongban keys reseal first",
    )


class NotTheOwner(Forbidden):
    """Registers are tables: only the owner's database role makes and changes them."""

    code = "registers-not-the-owner"
    title = LocalizedText(
        "登记簿结构只能由数据库属主修改", "Only the owner of the database changes registers"
    )
