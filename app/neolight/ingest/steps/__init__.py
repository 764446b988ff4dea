"""The steps of indexing: each does its outside calls around one pure function, and writes nothing."""
