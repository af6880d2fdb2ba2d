"""SCIM 2.0 (RFC 7643, 7644): officials as Users, posts as Groups."""
