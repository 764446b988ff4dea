"""What the document routes take and give, in the names of LightRAG's API."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from neolight.models import Document

Status: TypeAlias = Literal["pending", "parsing", "analyzing", "processing", "preprocessed", "processed", "failed"]
"""LightRAG's statuses; a document here is pending, processing, processed or failed."""

DocumentIds: TypeAlias = Annotated[list[Annotated[str, Field(max_length=256)]], Field(min_length=1, max_length=10_000)]


class Problem(BaseModel):
    """An error: `detail` says what happened and what to do about it, `code` is for programs."""

    detail: str
    code: str


class Inserted(BaseModel):
    """What became of an insertion; the track id tells how far it is."""

    status: Literal["success", "partial_success", "failure"]
    message: str
    track_id: str


class DocumentRow(BaseModel):
    """A document."""

    id: str
    content_summary: str
    content_length: int
    status: Status
    created_at: str
    updated_at: str
    track_id: str | None = None
    chunks_count: int | None = None
    error_msg: str | None = None
    metadata: dict[str, Any] | None = None
    file_path: str

    @classmethod
    def of(cls, row: Document) -> DocumentRow:
        """From a row of the graph."""
        told = {"title": row.title, "media_type": row.media_type, "revision": row.revision, "attempts": row.attempts}
        step = {"step": row.step} if row.step else {}
        step |= {"expires_at": row.expires_at.isoformat()} if row.expires_at else {}
        return cls(
            id=row.id, content_summary=row.summary or row.title, content_length=row.characters,
            status=row.status.value, created_at=row.created_at.isoformat(), updated_at=row.updated_at.isoformat(),
            track_id=row.track_id, chunks_count=row.chunk_count, error_msg=row.error,
            metadata={**dict(row.metadata), **told, **step}, file_path=row.source,
        )  # fmt: skip


class TrackStatus(BaseModel):
    """The documents of one insertion."""

    track_id: str
    documents: list[DocumentRow]
    total_count: int
    status_summary: dict[str, int]


class DocumentsWanted(BaseModel):
    """Which documents are wanted, in which order."""

    status_filter: Status | None = None
    status_filters: list[Status] | None = None
    page: int = Field(1, ge=1, le=1_000_000)
    page_size: int = Field(50, ge=10, le=200)
    sort_field: Literal["created_at", "updated_at", "id", "file_path"] = "updated_at"
    sort_direction: Literal["asc", "desc"] = "desc"

    def statuses(self) -> list[Status] | None:
        """The statuses that are wanted, or None for all."""
        return self.status_filters or ([self.status_filter] if self.status_filter else None)


class Pagination(BaseModel):
    """Where a page is among all."""

    page: int
    page_size: int
    total_count: int
    total_pages: int
    has_next: bool
    has_prev: bool


class DocumentPage(BaseModel):
    """One page of documents, and how many are in each status."""

    documents: list[DocumentRow]
    pagination: Pagination
    status_counts: dict[str, int]


class StatusCounts(BaseModel):
    """How many documents are in each status."""

    status_counts: dict[str, int]


class PipelineStatus(BaseModel):
    """Whether anything is being indexed, and what."""

    model_config = ConfigDict(extra="allow")

    busy: bool = False
    job_name: str = "Default Job"
    job_start: str | None = None
    docs: int = 0
    batchs: int = 0
    cur_batch: int = 0
    latest_message: str = ""
    history_messages: list[str] | None = None
    update_status: dict[str, Any] | None = None
    recovery_required: bool = False
    recovery_kind: str | None = None
    recovery_message: str | None = None
    request_pending: bool = False
    cancellation_requested: bool = False
    """Never: what is cancelled has ended when the call returns."""


class DeleteWanted(BaseModel):
    """The documents to delete; `delete_file` also deletes their files in the input folder.

    Cached replies of a model go with the last chunk that rests on them; `delete_llm_cache` changes nothing.
    """

    doc_ids: DocumentIds
    delete_file: bool = False
    delete_llm_cache: bool = False


class Deleted(BaseModel):
    """What became of a deletion."""

    status: Literal["deletion_started", "busy", "not_allowed"]
    message: str
    doc_id: str


class Cleared(BaseModel):
    """What became of deleting all documents."""

    status: Literal["success", "partial_success", "busy", "fail"]
    message: str


class CacheCleared(BaseModel):
    """What became of clearing the cache."""

    status: Literal["success", "fail"]
    message: str


class Reprocessing(BaseModel):
    """What became of a retry; documents keep the track id of the call that inserted them."""

    status: Literal["reprocessing_started"] = "reprocessing_started"
    message: str
    track_id: str = ""


class Cancelled(BaseModel):
    """What became of a wish to cancel."""

    status: Literal["cancellation_requested", "not_busy"]
    message: str


class ResetWanted(BaseModel):
    """A wish to clear a recovery fence."""

    confirm: bool = False


class Reset(BaseModel):
    """What became of it."""

    status: Literal["reset", "no_recovery_required"]
    message: str
    cancelled_manual_retries: int = 0


class FileTypes(BaseModel):
    """The extensions of files that can be read, and by which reader."""

    supported_extensions: list[str]
    engines: dict[str, list[str]]


class ScanStarted(BaseModel):
    """Whether a scan has begun."""

    status: Literal["scanning_started", "scanning_skipped_pipeline_busy"]
    message: str | None = None
    track_id: str


class Sample(BaseModel):
    """Some names of files."""

    items: list[str]
    truncated: bool = False
    dropped: int = 0


class ScanStatus(BaseModel):
    """How far a scan is."""

    track_id: str
    status: Literal["running", "completed", "failed", "cancelled", "abandoned"]
    counts: dict[str, int]
    counters_dropped: int = 0
    samples: dict[str, Sample]
    created_at: float
    updated_at: float
    version: int
    message: str = ""


class SourceConflict(BaseModel):
    """A source that more than one document claims."""

    canonical_source_key: str
    candidate_count: int | None = None
    sample_doc_ids: list[str] = []


class Conflicts(BaseModel):
    """Sources that more than one document claims: never any, because a source is unique in a workspace."""

    conflicts: list[SourceConflict]
    next_cursor: str | None = None


class RepairWanted(BaseModel):
    """A source conflict to settle; without `dry_run` it says what a call with it has told."""

    canonical_source_key: str = Field(min_length=1)
    primary_doc_id: str = Field(min_length=1)
    expected_candidate_count: int | None = Field(None, ge=0)
    expected_candidate_fingerprint: str | None = None
    dry_run: bool = True

    @model_validator(mode="after")
    def expects_something(self) -> Self:
        """What is committed was looked at before."""
        if not self.dry_run and (self.expected_candidate_count is None or not self.expected_candidate_fingerprint):
            raise ValueError("without dry_run, expected_candidate_count and expected_candidate_fingerprint are needed")
        return self


class Repaired(BaseModel):
    """A source and the one document that has it."""

    canonical_source_key: str
    primary_doc_id: str
    candidate_count: int
    fingerprint: str
    demoted_sample_doc_ids: list[str]
    committed: bool
