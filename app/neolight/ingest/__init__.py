"""Reads documents and writes their graph."""
