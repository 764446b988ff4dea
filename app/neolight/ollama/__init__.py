"""Neolight as a model of Ollama, for chat programs such as Open WebUI."""

from __future__ import annotations

from neolight.ollama.routes import router as ollama_router

__all__ = ["ollama_router"]
