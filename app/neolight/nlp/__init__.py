"""Language without a language model: sentences, names, keywords, and the sentences that answer a question."""
