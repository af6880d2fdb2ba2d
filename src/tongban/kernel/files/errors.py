"""What files refuses."""

from __future__ import annotations

from tongban.base.errors import Invalid, NotFound, TongbanError
from tongban.base.text import LocalizedText

__all__ = [
    "FileBytesDamaged",
    "FileDamaged",
    "FileDangerous",
    "FileEmpty",
    "FileInfected",
    "FileNotFound",
    "FileNotScanned",
    "FileStoreOfAnother",
    "FileStoreUnavailable",
    "FileTooLarge",
    "FileTypeRefused",
    "NoWatermark",
    "RenderingFailed",
]


class FileTooLarge(Invalid):
    """The file is larger than the limit. ``data``: limit_bytes."""

    code = "file-too-large"
    title = LocalizedText(
        zh="文件太大，每个文件不能超过 20 MB", en="The file is too large: the limit is 20 MB a file"
    )
    status = 413


class FileEmpty(Invalid):
    """The file has no content."""

    code = "file-empty"
    title = LocalizedText(zh="文件是空的，请重新选择", en="The file is empty; please choose it again")


class FileTypeRefused(Invalid):
    """What the bytes are is not among the accepted kinds, or is not what the name says."""

    code = "file-type-refused"
    title = LocalizedText(
        zh="只接受 PDF、OFD、JPG 和 PNG 文件，而且文件内容要和扩展名一致",
        en="Only PDF, OFD, JPG and PNG files are accepted, and the content must be what the name says",
    )
    status = 415


class FileDamaged(Invalid):
    """The bytes begin as an accepted kind but cannot be read as one."""

    code = "file-damaged"
    title = LocalizedText(
        zh="文件打不开，可能已损坏，请重新生成后再上传", en="The file cannot be opened; it may be damaged"
    )


class FileDangerous(Invalid):
    """The file could do something when opened, hides its content, or would grow beyond measure."""

    code = "file-dangerous"
    title = LocalizedText(
        zh="文件加了密，或者含有脚本、自动启动动作等不安全的内容，不能接收",
        en="The file is encrypted or holds scripts, launch actions or other unsafe content and cannot be accepted",
    )


class FileInfected(FileDangerous):
    """The scanner knows malware in it. What it is called is for the ledger and the operator, not for whoever tries it out."""

    code = "file-infected"
    title = LocalizedText(
        zh="这个文件里查出了病毒或恶意程序，没有收下。请换一台电脑重新生成，或者拍照上传",
        en="Malware was found in this file and it was not taken. Make it anew on another machine, or send a photo instead",
    )


class FileNotScanned(Invalid):
    """The scanner for malware does not answer, and nothing is taken unscanned. ``data["retry_after"]``: seconds."""

    code = "file-not-scanned"
    title = LocalizedText(
        zh="病毒检查暂时用不了，文件还不能收，请过几分钟再传",
        en="The check for malware is away for the moment; please upload again in some minutes",
    )
    status = 503


class FileNotFound(NotFound):
    """No such file, or one that this actor may not know of."""

    code = "file-not-found"
    title = LocalizedText(zh="没有找到这个文件", en="No such file")


class FileStoreUnavailable(TongbanError):
    """The store of files does not answer, or not as it should. Nothing was kept; the same may be tried again."""

    code = "file-store-unavailable"
    title = LocalizedText(
        zh="文件存储暂时用不了，请过几分钟再试",
        en="The store of files cannot be used for the moment; please try again in a few minutes",
    )
    status = 503


class FileBytesDamaged(TongbanError):
    """What the store handed out is not what was kept: its SHA-256 is another. An operator brings it back from a copy."""

    code = "file-bytes-damaged"
    title = LocalizedText(
        zh="这个文件在存储里已损坏，请联系管理员",
        en="This file is damaged in the store; please tell the administrator",
    )
    status = 500


class FileStoreOfAnother(TongbanError):
    """The bucket bears the mark of another database, whose files would be taken for strays. Nothing is removed."""

    code = "file-store-of-another"
    title = LocalizedText(
        zh="这个桶登记在另一个数据库名下，没有清理；确认是本系统的之后运行 tongban storage claim",
        en="The bucket belongs to another database; nothing was removed. If it is ours: tongban storage claim",
    )
    status = 409


class RenderingFailed(TongbanError):
    """The typst source could not be compiled. The detail is the typst diagnostic."""

    code = "rendering-failed"
    title = LocalizedText(zh="文书没有生成成功", en="The document could not be made")
    status = 500


class NoWatermark(Invalid):
    """Words can be put across PDF files and pictures only, of at most a hundred pages."""

    code = "no-watermark"
    title = LocalizedText(
        zh="只有图片和一百页以内的 PDF 能做带水印的复制件",
        en="Copies with a watermark can be made of pictures and of PDF files of up to a hundred pages",
    )
