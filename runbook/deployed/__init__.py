"""A deployed run: what the scripted steps of a document do with the account that they run in."""
