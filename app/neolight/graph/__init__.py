"""The graph: Cypher files bound to dataclasses, one small function for each."""
