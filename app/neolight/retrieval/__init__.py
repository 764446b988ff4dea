"""Finds what speaks to a question, and answers it."""
