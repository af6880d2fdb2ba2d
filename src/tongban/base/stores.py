"""The address of a store of objects outside of this machine: ``s3://bucket/prefix?endpoint=https://…``. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

__all__ = ["ObjectStore"]

STYLES = ("path", "virtual")


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """A bucket of a server that speaks the S3 protocol; ``prefix`` is the part of it that is ours."""

    bucket: str
    prefix: str
    endpoint: str
    region: str
    virtual: bool
    """The bucket stands in the name of the host and not in the path: some providers want it so."""
    ca: str
    """A file with the authority that signed the server's certificate, when it is not a public one."""

    @classmethod
    def of(cls, url: str) -> ObjectStore:
        """Read an address. Raises ValueError that says what is wrong with it, and never repeats it: it might hold a secret."""
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc:
            raise ValueError("it must be like s3://bucket/prefix?endpoint=https://host")
        if "@" in parts.netloc or ":" in parts.netloc:
            raise ValueError("the key belongs into a variable or a file of its own, never into the address")
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        if unknown := sorted(options.keys() - {"endpoint", "region", "style", "ca"}):
            raise ValueError(f"{unknown[0]} is unknown: there are endpoint, region, style and ca")
        endpoint = urlsplit(options.get("endpoint", ""))
        if endpoint.scheme not in {"http", "https"} or not endpoint.hostname or endpoint.username:
            raise ValueError("endpoint must be like https://host or https://host:9000")
        if (style := options.get("style", STYLES[0])) not in STYLES:
            raise ValueError("style must be path or virtual")
        return cls(
            bucket=parts.netloc,
            prefix=parts.path.strip("/"),
            endpoint=f"{endpoint.scheme}://{endpoint.netloc}",
            region=options.get("region", "us-east-1"),
            virtual=style == "virtual",
            ca=options.get("ca", ""),
        )

    def __str__(self) -> str:
        """Return what may be shown: where, without any option."""
        return f"s3://{self.bucket}/{self.prefix}"
