"""The schema: one class a domain, mixed together."""

from __future__ import annotations

import strawberry

from neolight.graphql.answers import AnswerMutation, AnswerSubscription
from neolight.graphql.changes import ChangeMutation
from neolight.graphql.chunks import Chunk
from neolight.graphql.described import graph_type
from neolight.graphql.documents import DocumentQuery
from neolight.graphql.edits import EditMutation
from neolight.graphql.entities import EntityQuery
from neolight.graphql.errors import MaskedSchema
from neolight.graphql.known import MOST_KNOWN, Known, KnownQueries
from neolight.graphql.limits import SizeLimiter, TokensLimiter
from neolight.graphql.node import NodeQuery
from neolight.graphql.permissions import RoleLimiter
from neolight.graphql.pipeline import PipelineQuery, PipelineSubscription
from neolight.graphql.progress import ProgressSubscription
from neolight.graphql.queries import QuestionMutation, QuestionQuery
from neolight.graphql.relations import RelationQuery
from neolight.graphql.retrieval import RetrievalQuery
from neolight.graphql.server import ServerQuery
from neolight.graphql.similar import SimilarMutation, SimilarQuery
from neolight.graphql.types import TypesMutation, TypesQuery
from neolight.graphql.uploads import UploadMutation
from neolight.graphql.usage import UsageQuery
from neolight.graphql.workspaces import WorkspaceMutation, WorkspaceQuery


@graph_type
class Query(
    NodeQuery,
    DocumentQuery,
    EntityQuery,
    SimilarQuery,
    RelationQuery,
    RetrievalQuery,
    QuestionQuery,
    PipelineQuery,
    WorkspaceQuery,
    ServerQuery,
    UsageQuery,
    TypesQuery,
):
    """What can be read. Everything is of one workspace, which the header X-Workspace names."""


@graph_type
class Mutation(
    UploadMutation,
    ChangeMutation,
    WorkspaceMutation,
    EditMutation,
    SimilarMutation,
    AnswerMutation,
    QuestionMutation,
    TypesMutation,
):
    """What can be changed."""


@graph_type
class Subscription(AnswerSubscription, ProgressSubscription, PipelineSubscription):
    """What can be followed, by the protocol graphql-transport-ws."""


def build() -> strawberry.Schema:
    """The schema, with its limits, its roles and its masker."""
    known = Known(MOST_KNOWN)
    extensions = [TokensLimiter, SizeLimiter, RoleLimiter, lambda: KnownQueries(known)]
    return MaskedSchema(Query, Mutation, Subscription, types=[Chunk], extensions=extensions)
