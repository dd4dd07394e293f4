"""The BentoML model store as a registry, safe against crashes and concurrent writers.

BentoML saves a model by copying it into its final folder and then rewriting the file `latest`,
without a lock: a crash in between leaves half a model that `name:latest` resolves to. Here a
version is built beside the store and renamed into it as a whole, under a lock. What is served is
the last line of the promotion log, a file that is replaced atomically. `bentoml models list`,
`get`, `export` and `delete` work on the store as usual.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from spike_assets.registry.bentos import built_bentos
from spike_assets.registry.errors import (
    ModelRefusedError,
    NothingPromotedError,
    PromotionsDamagedError,
    RealModelsKeptError,
)
from spike_assets.registry.layout import StoreLayout
from spike_assets.registry.promotions import Action, Promotion, PromotionLog, undo_stack
from spike_assets.registry.stored_model import (
    StoredModel,
    build_model,
    inspect_version,
    load_model,
    parse_tag,
    remove_abandoned_builds,
)
from spike_assets.registry.trained_model import KIND_OF, TrainedModel
from spike_assets.registry.versions import ModelVersion, superseded


class ModelStore:
    """The registered models, and which of them are served.

    Methods that write raise `ModelStoreError`, with nothing changed, if the disk is full or
    read-only; methods that read write nothing.

    Args:
        home: BentoML's home folder; `BENTOML_HOME`, or else `~/bentoml`, if not given.

    Attributes:
        location: The store's folder, and its remote store if it has one; for messages.
        remote_url: URL of the remote store that it syncs with, see `synced_store`; None if none.
    """

    remote_url: str | None = None

    def __init__(self, home: Path | None = None) -> None:
        self.home = home or Path(os.environ.get("BENTOML_HOME") or "~/bentoml").expanduser()
        # BentoML reports each save to its makers, over the network; here while a lock is held.
        os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
        self._layout = StoreLayout(self.home)
        self._log = PromotionLog(self._layout.own / "promotions.jsonl")
        self.location = str(self.home)

    @property
    def promotions_file(self) -> Path:
        """The promotion log; its last line is what is served."""
        return self._log.file

    def pull(self, *, everything: bool = False) -> None:
        """Sync from the remote store; a store without one has nothing to do."""

    def register(
        self,
        model: TrainedModel,
        *,
        data_versions: Mapping[str, str],
        synthetic: bool,
        picture: bytes | None = None,
    ) -> str:
        """Register a model as a new version, visible only once it is complete.

        Args:
            model: The model.
            data_versions: SHA-256 of each raw file that it was trained on, by asset.
            synthetic: Whether those were the embedded sample.
            picture: Its backtest, as PNG.

        Returns:
            Its tag.
        """
        with self._layout.writing(), self._layout.staging() as staging:
            remove_abandoned_builds(model.name)
            built = build_model(
                model,
                staging=staging,
                data_versions=data_versions,
                synthetic=synthetic,
                picture=picture,
            )
            self._keep(built, name=model.name)
        return f"{model.name}:{built.name}"

    def promote(
        self, tags: Mapping[str, str], *, reason: str, keep_real: bool = False
    ) -> dict[str, str]:
        """Promote versions: serve them from now on, all of them at once.

        Args:
            tags: Tag by model name; names left out stay as they are.
            reason: Why, for the promotion log.
            keep_real: Whether versions of the synthetic sample are refused while a version is
                promoted that is not known to be of the sample, too.

        Returns:
            What is served now: tag by model name.

        Raises:
            ModelRefusedError: One of them is missing, damaged or of another name; nothing was
                changed.
            PromotionsDamagedError: `keep_real` refuses them, as it is unknown what is promoted.
            RealModelsKeptError: `keep_real` refuses them; nothing was changed.
        """
        keeps_real = False
        for name, tag in tags.items():
            stored = self.load(tag)
            if stored.model.name != name:
                raise ModelRefusedError(f"{tag} is not a version of {name}")
            keeps_real |= keep_real and stored.synthetic
        with self._layout.writing():
            for tag in tags.values():
                if not self._folder(tag).is_dir():
                    raise ModelRefusedError(f"{tag} was removed a moment ago")
            try:
                before = self.promoted()
            except PromotionsDamagedError:
                if keeps_real:
                    raise
                before = {}  # promoting starts a new log
            if keeps_real and any(map(self._may_be_real, before.values())):
                raise RealModelsKeptError(
                    "models of the synthetic sample do not replace real ones by themselves: "
                    f"{', '.join(before.values())} stay promoted. To promote the new ones all the "
                    f"same: spike-assets models promote {' '.join(tags.values())}"
                )
            promoted = before | dict(tags)
            self._add("promote", reason=reason, promoted=promoted)
        return promoted

    def rollback(self, *, reason: str) -> dict[str, str]:
        """Undo the last promotion: serve again what was served before it.

        Args:
            reason: Why, for the promotion log.

        Returns:
            What is served now: tag by model name.

        Raises:
            NothingPromotedError: There is no earlier promotion.
            ModelRefusedError: A model of that set is gone or damaged; nothing was changed.
        """
        self._previous()  # raises before the first write to a store where nothing was promoted
        with self._layout.writing():
            previous = self._previous()
            self._load_all(previous)
            self._add("rollback", reason=reason, promoted=previous)
        return previous

    def promotions(self) -> list[Promotion]:
        """Return every promotion and rollback, oldest first.

        Raises:
            PromotionsDamagedError: The promotion log is damaged.
        """
        return self._log.read()

    def promoted(self) -> dict[str, str]:
        """Return the promoted tag of each model name; empty if nothing was promoted.

        Raises:
            PromotionsDamagedError: The promotion log is damaged.
        """
        promotions = self.promotions()
        return dict(promotions[-1].promoted) if promotions else {}

    def load_promoted(self) -> dict[str, StoredModel]:
        """Load every promoted model, by name.

        Raises:
            NothingPromotedError: Nothing was promoted.
            ModelRefusedError: A model is missing, damaged or can't be read here.
        """
        while tags := self.promoted():
            try:
                return self._load_all(tags)
            except ModelRefusedError:
                if self.promoted() == tags:  # else others were promoted, and these pruned
                    raise
        raise NothingPromotedError(
            f"no model is promoted in the BentoML store {self.location}; run `make run` to train, "
            "register and promote the models"
        )

    def load(self, tag: str) -> StoredModel:
        """Load a version, after checking that it is what was registered.

        Args:
            tag: `name:version`, exact.

        Raises:
            ModelRefusedError: It is missing, its payload is not the one that was registered, or
                it was written by other code or other versions of the libraries.
        """
        return load_model(self._folder(tag), tag=tag)

    def versions(self) -> list[ModelVersion]:
        """List every version of our models by name, newest first, with the damaged ones."""
        promotions = self.promotions()
        found = []
        for name in KIND_OF:
            seen = [
                inspect_version(folder, promotions=promotions)
                for folder in self._layout.versions(name)
            ]
            found += sorted(filter(None, seen), key=lambda version: version.created, reverse=True)
        return found

    def version(self, tag: str) -> ModelVersion:
        """Return one version, without loading its model.

        Raises:
            ModelRefusedError: There is no version of that tag.
        """
        folder = self._folder(tag)
        is_ours = folder.parent.name in KIND_OF
        seen = inspect_version(folder, promotions=self.promotions()) if is_ours else None
        if seen is None:
            raise ModelRefusedError(f"{tag} is not in the store {self.location}")
        return seen

    def prune(self, keep: int) -> list[str]:
        """Remove old versions, chosen by `superseded`.

        Args:
            keep: How many intact ones of each name stay, and how many rollbacks; at least 1.

        Returns:
            The tags of the removed versions.

        Raises:
            ValueError: `keep` is less than 1.
            PromotionsDamagedError: The promotion log is damaged, so it is unknown what is served.
        """
        if keep < 1:
            raise ValueError(f"keep is {keep}; at least 1 version of each name stays")
        if not self.versions():
            return []
        with self._layout.writing():
            versions = self.versions()
            packed = {tag for bento in built_bentos(self.home) for tag in bento.models.values()}
            old = superseded(versions, keep=keep, promotions=self.promotions(), packed=packed)
            newest = {one.name: one.folder.name for one in reversed(versions) if not one.damage}
            for name, version in newest.items():
                self._layout.set_latest(name, version)
            return [one.tag for one in self._remove(old)]

    def _keep(self, built: Path, *, name: str) -> None:
        self._layout.move_in(built, name=name)

    def _add(self, action: Action, *, reason: str, promoted: Mapping[str, str]) -> None:
        self._log.add(action, reason=reason, promoted=promoted)

    def _remove(self, versions: Sequence[ModelVersion]) -> list[ModelVersion]:
        """Remove versions; return those that were removed."""
        self._layout.move_out(one.folder for one in versions)
        return list(versions)

    def _may_be_real(self, tag: str) -> bool:
        """Return whether a version is of real files, or its record is gone."""
        seen = inspect_version(self._folder(tag), promotions=())
        return seen is None or not seen.synthetic

    def _folder(self, tag: str) -> Path:
        return self._layout.models / parse_tag(tag).path()

    def _load_all(self, tags: Mapping[str, str]) -> dict[str, StoredModel]:
        return {name: self.load(tag) for name, tag in tags.items()}

    def _previous(self) -> dict[str, str]:
        stack = undo_stack(self.promotions())
        if len(stack) < 2:
            raise NothingPromotedError(
                f"nothing to roll back to: {self.promotions_file} has "
                + ("no earlier promotion" if stack else "no promotion")
            )
        return stack[-2].promoted
