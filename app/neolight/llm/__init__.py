"""Language and embedding models: chat, vectors, tokens, prompts, and what is asked of them."""
