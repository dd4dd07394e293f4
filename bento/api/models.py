"""Answers of `GET /models`, `GET /models/{name}` and `GET /version`."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field

from bento.api.fields import Month
from spike_assets.registry.promotions import Action, Promotion
from spike_assets.registry.versions import ModelVersion


class PromotionLine(BaseModel):
    """A change of what is served."""

    at: datetime
    action: Annotated[Action, Field(description="Promoted, or rolled back to.")]
    reason: Annotated[str, Field(description="Why, in the words of whoever did.")]
    models: Annotated[dict[str, str], Field(description="The tag that each name is served from.")]

    @classmethod
    def of(cls, promotion: Promotion) -> Self:
        """Describe a line of the history."""
        return cls(
            at=promotion.at,
            action=promotion.action,
            reason=promotion.reason,
            models=promotion.promoted,
        )


class TrainingMonths(BaseModel):
    """The months that a version was trained on."""

    first: Month
    last: Month
    count: int


class VersionLine(BaseModel):
    """A version in the model store."""

    tag: Annotated[str, Field(description="`name:version`.")]
    name: str
    kind: Annotated[str, Field(description="`regressor` or `forecaster`.")]
    created: datetime
    served: Annotated[bool, Field(description="Whether it is promoted.")]
    served_since: datetime | None
    served_because: Annotated[str | None, Field(description="Why it was promoted.")]
    synthetic: Annotated[
        bool | None,
        Field(description="Whether it was trained on the embedded sample; null if unknown."),
    ]
    months: TrainingMonths | None
    metrics: Annotated[
        dict[str, Any], Field(description="Its scores, by name; units are in the names.")
    ]
    code_version: str | None
    damage: Annotated[str | None, Field(description="What is wrong with it; null if it is whole.")]

    @classmethod
    def of(cls, version: ModelVersion) -> Self:
        """Describe a version."""
        served = version.served
        return cls(
            tag=version.tag,
            name=version.name,
            kind=version.kind,
            created=version.created,
            served=served is not None,
            served_since=served.at if served else None,
            served_because=served.reason if served else None,
            synthetic=version.synthetic,
            months=TrainingMonths(**version.months) if version.months else None,
            metrics=dict(version.metrics),
            code_version=version.metadata.get("code_version"),
            damage=version.damage or version.mismatch,
        )


class ModelsResponse(BaseModel):
    """What is served, and every version that there is."""

    promoted: PromotionLine | None
    versions: Annotated[list[VersionLine], Field(description="By name, newest first.")]


class ModelResponse(BaseModel):
    """The versions of one model."""

    name: Literal["model1", "model2", "forecaster"]
    served: Annotated[str | None, Field(description="The tag that is served.")]
    versions: Annotated[list[VersionLine], Field(description="Newest first.")]
    promotions: Annotated[
        list[PromotionLine], Field(description="The changes that brought one into service.")
    ]


class VersionResponse(BaseModel):
    """What answers."""

    version: Annotated[str, Field(description="The version of the service.")]
    bento: Annotated[
        str | None, Field(description="The tag of the Bento; null if it is served from sources.")
    ]
    libraries: dict[str, str]
    models: Annotated[dict[str, str], Field(description="The tag that each name is served from.")]
    synthetic: Annotated[
        bool | None,
        Field(
            description=(
                "Whether any of them was trained on the embedded sample; null if none is served."
            )
        ),
    ]
