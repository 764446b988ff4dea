"""What Ollama's chat programs send. Fields that change nothing here are accepted and left alone."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, Field

from neolight.llm.chat import Message

MOST_MESSAGES = 128
Content: TypeAlias = Annotated[str, Field(max_length=65_536)]


class Said(BaseModel):
    """One message; what is neither the system's nor the assistant's is taken as the user's."""

    role: Annotated[str, Field(max_length=64)]
    content: Content = ""

    def message(self) -> Message:
        """As a chat model takes it."""
        match self.role:
            case "system":
                return Message(role="system", content=self.content)
            case "assistant":
                return Message(role="assistant", content=self.content)
            case _:
                return Message(role="user", content=self.content)


class Chat(BaseModel):
    """A conversation whose last message is to be answered."""

    model: Annotated[str, Field(max_length=256)] = "neolight"
    messages: Annotated[list[Said], Field(max_length=MOST_MESSAGES)]
    stream: bool = True
    system: Content | None = None
    options: dict[str, Any] | None = None


class Generate(BaseModel):
    """A prompt for the language model itself; answered at once unless `stream` is set, as LightRAG does."""

    model: Annotated[str, Field(max_length=256)] = "neolight"
    prompt: Content
    stream: bool = False
    system: Content | None = None
    options: dict[str, Any] | None = None


def described(model: type[BaseModel]) -> dict[str, Any]:
    """A model's JSON schema with what it refers to in its place: OpenAPI has no other place for it."""
    schema = model.model_json_schema()
    parts: dict[str, Any] = schema.pop("$defs", {})

    def resolved(value: Any) -> Any:
        match value:
            case {"$ref": str(path)}:
                return resolved(parts[path.rpartition("/")[2]])
            case dict():
                return {key: resolved(one) for key, one in value.items()}
            case list():
                return [resolved(one) for one in value]
            case _:
                return value

    return resolved(schema)
