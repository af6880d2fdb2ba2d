"""What SCIM clients may read of us first: what the provider can, which resources there are, what stands in them."""

from __future__ import annotations

from typing import Any

__all__ = [
    "ERROR",
    "EXTENSION",
    "GROUP",
    "LIST",
    "MOST",
    "PATCH",
    "USER",
    "provider_config",
    "resource_types",
    "schemas",
]

CORE = "urn:ietf:params:scim:schemas:core:2.0:"
USER, GROUP = CORE + "User", CORE + "Group"
EXTENSION = "urn:tongban:params:scim:schemas:extension:2.0:User"
"""Our own: the ID number, by which a person who is known already is found. It is taken, never told."""
MESSAGES = "urn:ietf:params:scim:api:messages:2.0:"
LIST, ERROR, PATCH = MESSAGES + "ListResponse", MESSAGES + "Error", MESSAGES + "PatchOp"
MOST = 200


def _attribute(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "type": kind,
        "multiValued": False,
        "description": more.pop("description", name),
        "required": False,
        "caseExact": False,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "none",
        **more,
    }


def _several(name: str, description: str, *parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return _attribute(
        name, "complex", multiValued=True, description=description, subAttributes=list(parts), **more
    )


def _value(**more: Any) -> tuple[dict[str, Any], ...]:
    return _attribute("value", **more), _attribute("type"), _attribute("primary", "boolean")


def schemas(base: str) -> list[dict[str, Any]]:
    """Return the schemas of what we serve: only attributes that mean something here."""
    reference = _attribute("$ref", "reference", mutability="readOnly", referenceTypes=["User", "Group"])
    user = [
        _attribute(
            "userName",
            description="Name for signing in",
            required=True,
            mutability="immutable",
            uniqueness="server",
        ),
        _attribute(
            "name",
            "complex",
            description="The person's name",
            subAttributes=[_attribute("formatted"), _attribute("familyName"), _attribute("givenName")],
        ),
        _attribute("displayName", description="The person's name in one piece"),
        _attribute("active", "boolean", description="Whether the account is open"),
        _several("emails", "One address", *_value()),
        _several("phoneNumbers", "One number", *_value()),
        _several(
            "groups",
            "Posts held now",
            _attribute("value", mutability="readOnly"),
            reference,
            _attribute("display", mutability="readOnly"),
            mutability="readOnly",
        ),
    ]
    extension = [
        _attribute("citizenId", description="ID number; never told", mutability="writeOnly", returned="never")
    ]
    group = [
        _attribute("displayName", description="Unit and post", required=True, mutability="readOnly"),
        _several(
            "members",
            "Who holds the post",
            _attribute("value", mutability="immutable"),
            {**reference, "mutability": "immutable"},
            _attribute("display", mutability="readOnly"),
        ),
    ]
    rows = ((USER, "User", user), (EXTENSION, "Person", extension), (GROUP, "Group", group))
    return [
        {
            "schemas": [CORE + "Schema"],
            "id": urn,
            "name": name,
            "description": name,
            "attributes": attributes,
            "meta": {"resourceType": "Schema", "location": f"{base}/Schemas/{urn}"},
        }
        for urn, name, attributes in rows
    ]


def resource_types(base: str) -> list[dict[str, Any]]:
    """Return the kinds of resources."""
    rows: list[dict[str, Any]] = [
        {
            "id": "User",
            "name": "User",
            "endpoint": "/Users",
            "description": "An official",
            "schema": USER,
            "schemaExtensions": [{"schema": EXTENSION, "required": False}],
        },
        {"id": "Group", "name": "Group", "endpoint": "/Groups", "description": "A post", "schema": GROUP},
    ]
    return [
        {
            "schemas": [CORE + "ResourceType"],
            **row,
            "meta": {"resourceType": "ResourceType", "location": f"{base}/ResourceTypes/{row['id']}"},
        }
        for row in rows
    ]


def provider_config(base: str) -> dict[str, Any]:
    """Return what we can and what not."""
    return {
        "schemas": [CORE + "ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MOST},
        "changePassword": {"supported": False},
        "sort": {"supported": False},
        "etag": {"supported": True},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": "The token of a registered program",
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{base}/ServiceProviderConfig"},
    }
