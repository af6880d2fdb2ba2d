"""The doctor: looks at everything an operator must get right, and says of each what to do.

Reads only. A look that fails is a fault of its own and takes no other with it. Looks that need the database are left out when it
does not answer.
"""
