"""The BentoML model store as a registry, made safe against crashes and rival writers.

BentoML saves a model by copying it into its final folder and then rewriting the file `latest`,
without a lock: a crash in between leaves half a model that `name:latest` resolves to. Here a
model is built beside the store and renamed into it as a whole, under a lock, and what is served
is decided by a history of promotions of our own, replaced atomically. `bentoml models list`,
`get`, `export` and `delete` work on the store as ever.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from spike_assets.registry.bento_build import built_bentos
from spike_assets.registry.errors import (
    ModelRefusedError,
    NothingPromotedError,
    PromotionsDamagedError,
)
from spike_assets.registry.layout import StoreFolders
from spike_assets.registry.promotions import Action, Promotion, PromotionLog, undo_stack
from spike_assets.registry.stored_model import (
    StoredModel,
    build_model,
    exact_tag,
    load_model,
    look_at,
    sweep_temporaries,
)
from spike_assets.registry.trained_model import KIND_OF, TrainedModel
from spike_assets.registry.versions import ModelVersion, superseded


class ModelStore:
    """Models at rest, and which of them are served.

    What writes raises `ModelStoreError`, with nothing changed, if the disk is full or read-only;
    what reads writes nothing.

    Args:
        home: BentoML's home folder; `BENTOML_HOME`, or else `~/bentoml`, if not given.

    Attributes:
        place: Where it is, for messages.
        remote_url: The store that it follows, see `following`; None if it is alone.
    """

    remote_url: str | None = None

    def __init__(self, home: Path | None = None) -> None:
        self.home = home or Path(os.environ.get("BENTOML_HOME") or Path.home() / "bentoml")
        # BentoML reports each save to its makers, over the network; here while a lock is held.
        os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
        self._folders = StoreFolders(self.home)
        self._history = PromotionLog(self._folders.own / "promotions.jsonl")
        self.place = str(self.home)

    @property
    def promotions_file(self) -> Path:
        """The history of promotions; its last line says what is served."""
        return self._history.file

    def pull(self, *, everything: bool = False) -> None:
        """Take over what was done in the store that this one follows; alone it follows none."""

    def register(
        self,
        model: TrainedModel,
        *,
        data_versions: Mapping[str, str],
        synthetic: bool,
        picture: bytes | None = None,
    ) -> str:
        """Put a model into the store, visible only once it is whole.

        Args:
            model: The model.
            data_versions: SHA-256 of each raw file that it was trained on, by asset.
            synthetic: Whether those were the embedded sample.
            picture: Its backtest, as PNG.

        Returns:
            Its tag.
        """
        with self._folders.writing(), self._folders.staging() as staging:
            sweep_temporaries(model.name)
            built = build_model(
                model,
                staging=staging,
                data_versions=data_versions,
                synthetic=synthetic,
                picture=picture,
            )
            self._keep(built, name=model.name)
        return f"{model.name}:{built.name}"

    def promote(self, tags: Mapping[str, str], *, reason: str) -> dict[str, str]:
        """Serve these versions from now on, all of them at once.

        Args:
            tags: Tag by model name; names left out stay as they are.
            reason: Why, for the history.

        Returns:
            What is served now: tag by model name.

        Raises:
            ModelRefusedError: One of them is missing, damaged or of another name; nothing was
                changed.
        """
        for name, tag in tags.items():
            if self.load(tag).model.name != name:
                raise ModelRefusedError(f"{tag} is no version of {name}")
        with self._folders.writing():
            for tag in tags.values():
                if not self._folder(tag).is_dir():
                    raise ModelRefusedError(f"{tag} was removed a moment ago")
            try:
                promoted = self.promoted() | dict(tags)
            except PromotionsDamagedError:  # promoting is what mends it
                promoted = dict(tags)
            self._add("promote", reason=reason, promoted=promoted)
        return promoted

    def rollback(self, *, reason: str) -> dict[str, str]:
        """Serve again what was served before the present set was promoted; like undo.

        Args:
            reason: Why, for the history.

        Returns:
            What is served now: tag by model name.

        Raises:
            NothingPromotedError: Nothing was promoted before it.
            ModelRefusedError: A model of that set is gone or damaged; nothing was changed.
        """
        self._before()  # a store where nothing was promoted isn't written
        with self._folders.writing():
            before = self._before()
            self._load_all(before)
            self._add("rollback", reason=reason, promoted=before)
        return before

    def promotions(self) -> list[Promotion]:
        """Give every promotion and rollback, oldest first.

        Raises:
            PromotionsDamagedError: The history was damaged.
        """
        return self._history.read()

    def promoted(self) -> dict[str, str]:
        """Say which tag each model name is served from; empty if nothing was promoted yet.

        Raises:
            PromotionsDamagedError: The history was damaged.
        """
        history = self.promotions()
        return dict(history[-1].promoted) if history else {}

    def load_promoted(self) -> dict[str, StoredModel]:
        """Load every model that is served, by name.

        Raises:
            NothingPromotedError: Nothing was promoted yet.
            ModelRefusedError: A model is missing, damaged or can't be read here.
        """
        while tags := self.promoted():
            try:
                return self._load_all(tags)
            except ModelRefusedError:
                if self.promoted() == tags:  # else promoted anew, and pruned, while they loaded
                    raise
        raise NothingPromotedError(
            f"no model is promoted in the BentoML store {self.place}; run `make run` to train, "
            "register and promote the models"
        )

    def load(self, tag: str) -> StoredModel:
        """Load one version, after checking that it is what was registered.

        Args:
            tag: `name:version`, exact.

        Raises:
            ModelRefusedError: It is missing, its payload is not the one that was registered, or
                it was written by other code or other versions of the libraries.
        """
        return load_model(self._folder(tag), tag=tag)

    def versions(self) -> list[ModelVersion]:
        """Look at every version of our models: by name, newest first, damaged ones among them."""
        history = self.promotions()
        found = []
        for name in KIND_OF:
            seen = [look_at(folder, history=history) for folder in self._folders.versions(name)]
            found += sorted(filter(None, seen), key=lambda version: version.created, reverse=True)
        return found

    def version(self, tag: str) -> ModelVersion:
        """Look at one version.

        Raises:
            ModelRefusedError: There is none of that tag.
        """
        folder = self._folder(tag)
        seen = look_at(folder, history=self.promotions()) if folder.parent.name in KIND_OF else None
        if seen is None:
            raise ModelRefusedError(f"{tag} is not in the store {self.place}")
        return seen

    def prune(self, keep: int) -> list[str]:
        """Remove old versions: `superseded` says which.

        Args:
            keep: How many whole ones of each name stay, and how many rollbacks; at least 1.

        Returns:
            The tags of what was removed.

        Raises:
            ValueError: `keep` is less than 1.
            PromotionsDamagedError: The history was damaged, so nobody knows what is served.
        """
        if keep < 1:
            raise ValueError(f"keep is {keep}; at least 1 version of each name stays")
        if not self.versions():
            return []
        with self._folders.writing():
            versions = self.versions()
            packed = {tag for bento in built_bentos(self.home) for tag in bento.models.values()}
            old = superseded(versions, keep=keep, history=self.promotions(), packed=packed)
            newest = {one.name: one.folder.name for one in reversed(versions) if not one.damage}
            for name, version in newest.items():
                self._folders.set_latest(name, version)
            return [one.tag for one in self._remove(old)]

    def _keep(self, built: Path, *, name: str) -> None:
        self._folders.move_in(built, name=name)

    def _add(self, action: Action, *, reason: str, promoted: Mapping[str, str]) -> None:
        self._history.add(action, reason=reason, promoted=promoted)

    def _remove(self, versions: Sequence[ModelVersion]) -> list[ModelVersion]:
        """Remove versions; gives those that are gone."""
        self._folders.move_out(one.folder for one in versions)
        return list(versions)

    def _folder(self, tag: str) -> Path:
        return self._folders.models / exact_tag(tag).path()

    def _load_all(self, tags: Mapping[str, str]) -> dict[str, StoredModel]:
        return {name: self.load(tag) for name, tag in tags.items()}

    def _before(self) -> dict[str, str]:
        stack = undo_stack(self.promotions())
        if len(stack) < 2:
            raise NothingPromotedError(
                f"there is nothing to go back to: {self.promotions_file} has "
                + ("no promotion before the present one" if stack else "no promotion")
            )
        return stack[-2].promoted
