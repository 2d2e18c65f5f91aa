"""The server: what an editor asks, passed to the module that answers it; and when a folder is read and checked.

::

    a text changes ── 30 ms ──► the folder is read ── 0.7 s ──► lints,            then the cases (in other processes)
    a text is saved ──────────► the folder is read ───────────► lints and proofs, then the cases

A further change ends whatever is still under way.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from expert import __version__
from expert.check.faults import PROOFS
from expert.lang.errors import ExpertError
from expert.lang.folder_layout import kind_of, name_within
from expert.lsp.actions import actions
from expert.lsp.completion import completions
from expert.lsp.diagnostics import ByFile, of_cases, of_faults, of_problems
from expert.lsp.formatting import formatting
from expert.lsp.hover import hover
from expert.lsp.lenses import CASES, DIFF, MUTANTS, TEST, cases_of, hints, lenses, of_mutants
from expert.lsp.names import definitions, highlights, references, renamable, renamed
from expert.lsp.open_folder import OpenFolder
from expert.lsp.other_process import cases, faults, mutants, printed
from expert.lsp.symbols import outline, search
from expert.lsp.text import Text
from expert.read.parse import keep_trees

READ_AFTER, LINT_AFTER = 0.03, 0.7
"""Seconds without a change after which a folder is read, and then its lints are looked for."""


class Server(LanguageServer):
    """The language server; ``holding`` finds the knowledge folder that holds a path."""

    def __init__(self, holding: Callable[[str], str | None]) -> None:
        super().__init__("expert", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self.holding = holding
        self.folders: dict[Path, OpenFolder] = {}
        self.work: dict[Path, asyncio.Task[None]] = {}
        self.lints: dict[Path, ByFile] = {}
        self.proofs: dict[Path, ByFile] = {}
        self.cases: dict[Path, ByFile] = {}
        self.shown: dict[Path, ByFile] = {}

    # --- files

    def file(self, uri: str) -> tuple[OpenFolder, str] | None:
        """The folder that a file belongs to, with the name of the file; ``None`` if it is no knowledge file."""
        path = to_fs_path(uri)
        within = self.holding(path) if path else None
        if not path or not within:
            return None
        root = Path(within).resolve()
        name = name_within(root, Path(path))
        if not kind_of(name):
            return None
        if root not in self.folders:
            self.folders[root] = OpenFolder(root, str(self.workspace.position_encoding or "utf-16"))
        return self.folders[root], name

    def at(self, uri: str, position: types.Position) -> tuple[OpenFolder, str, Text, int] | None:
        """The folder, the name and the text of a file, and the character at a position."""
        found = self.file(uri)
        if not found:
            return None
        text = found[0].text(found[1])
        return *found, text, text.offset(position)

    # --- work

    def changed(self, folder: OpenFolder, name: str) -> None:
        """Read the folder soon; what was found in the file that changed no longer holds."""
        for found in (self.lints, self.proofs, self.cases):
            found.get(folder.path, {}).pop(name, None)
        self._begin(folder, READ_AFTER, proofs=False)

    def saved(self, folder: OpenFolder) -> None:
        """Read and check the folder now, with proofs."""
        self._begin(folder, 0, proofs=True)

    def _begin(self, folder: OpenFolder, wait: float, *, proofs: bool) -> None:
        if before := self.work.get(folder.path):
            before.cancel()
        self.work[folder.path] = asyncio.get_running_loop().create_task(self._work(folder, wait, proofs=proofs))

    async def _work(self, folder: OpenFolder, wait: float, *, proofs: bool) -> None:
        await asyncio.sleep(wait)
        folder.read()
        self.publish(folder)
        gc.collect()
        if folder.problems:
            return
        await asyncio.sleep(0 if proofs else LINT_AFTER)
        found = await faults(folder.mirror.path, proofs=proofs)
        self.lints[folder.path] = of_faults(folder, (it for it in found if it["check"] not in PROOFS))
        if proofs:
            self.proofs[folder.path] = of_faults(folder, (it for it in found if it["check"] in PROOFS))
        self.publish(folder)
        self.cases[folder.path] = of_cases(folder, await cases(folder.mirror.path))
        self.publish(folder)

    def publish(self, folder: OpenFolder) -> None:
        """Show what is wrong with the folder, in every file of it that had or has something wrong."""
        layers = [of_problems(folder)]
        if not folder.problems:
            layers += [it.get(folder.path, {}) for it in (self.lints, self.proofs, self.cases)]
        wrong = {name for layer in layers for name in layer}
        names = sorted(wrong | self.shown.get(folder.path, {}).keys() | folder.uris.keys())
        found = {name: [it for layer in layers for it in layer.get(name, ())] for name in names}
        for name, its in found.items():
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(folder.uri(name), its))
        self.shown[folder.path] = found

    async def show_lenses_again(self) -> None:
        """Have the editor ask for what is above the rules again, if it can."""
        workspace = self.client_capabilities.workspace
        if workspace and workspace.code_lens and workspace.code_lens.refresh_support:
            await self.workspace_code_lens_refresh_async(None)

    def say(self, folder: OpenFolder, text: str) -> None:
        """Show what a command printed."""
        message = types.ShowMessageParams(types.MessageType.Info, folder.said(text).strip())
        self.window_show_message(message)


def serve(holding: Callable[[str], str | None]) -> None:
    """Serve one editor over standard input and output until it ends the server."""
    keep_trees()
    gc.freeze()
    gc.disable()  # garbage is collected after each reading; within one it would double its time
    streams = os.fdopen(os.dup(sys.stdin.fileno()), "rb"), os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    server(holding).start_io(*streams)  # it closes them


def server(holding: Callable[[str], str | None]) -> Server:
    """A server with all that it answers."""
    it = Server(holding)

    @it.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        if found := it.file(params.text_document.uri):
            folder, name = found
            known = folder.path in it.work and folder.mirror.text(name) == params.text_document.text
            folder.mirror.put(name, params.text_document.text)
            folder.uris[name] = params.text_document.uri
            if known:  # what is under way goes on
                it.publish(folder)
            else:
                it.changed(folder, name)

    @it.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        if found := it.file(params.text_document.uri):
            found[0].mirror.put(found[1], it.workspace.get_text_document(params.text_document.uri).source)
            it.changed(*found)

    @it.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        if found := it.file(params.text_document.uri):
            found[0].mirror.drop(found[1])
            it.changed(*found)

    @it.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        if found := it.file(params.text_document.uri):
            it.saved(found[0])

    @it.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def changed_elsewhere(params: types.DidChangeWatchedFilesParams) -> None:
        for found in filter(None, (it.file(change.uri) for change in params.changes)):
            it.changed(*found)

    @it.feature(types.TEXT_DOCUMENT_HOVER)
    def hovered(params: types.HoverParams) -> types.Hover | None:
        found = it.at(params.text_document.uri, params.position)
        said = hover(*found) if found else ""
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, said)) if said else None

    @it.feature(
        types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=[" ", "[", "{", ",", "-", "."])
    )
    def completed(params: types.CompletionParams) -> list[types.CompletionItem]:
        found = it.at(params.text_document.uri, params.position)
        return completions(*found) if found else []

    @it.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def outlined(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        found = it.file(params.text_document.uri)
        return outline(*found, found[0].text(found[1])) if found else []

    @it.feature(types.WORKSPACE_SYMBOL)
    def searched(params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
        return [symbol for folder in it.folders.values() for symbol in search(folder, params.query)]

    @it.feature(types.TEXT_DOCUMENT_DEFINITION)
    def defined(params: types.DefinitionParams) -> list[types.Location]:
        found = it.at(params.text_document.uri, params.position)
        return definitions(found[0], found[1], found[3]) if found else []

    @it.feature(types.TEXT_DOCUMENT_REFERENCES)
    def referred(params: types.ReferenceParams) -> list[types.Location]:
        found = it.at(params.text_document.uri, params.position)
        definition = params.context.include_declaration
        return references(found[0], found[1], found[3], definition=definition) if found else []

    @it.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    def highlighted(params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
        found = it.at(params.text_document.uri, params.position)
        return highlights(found[0], found[1], found[3]) if found else []

    @it.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def renamable_at(params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        found = it.at(params.text_document.uri, params.position)
        name = renamable(found[0], found[1], found[3]) if found else None
        return types.PrepareRenamePlaceholder(*name) if name else None

    @it.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    def renamed_to(params: types.RenameParams) -> types.WorkspaceEdit | None:
        found = it.at(params.text_document.uri, params.position)
        try:
            return renamed(found[0], found[1], found[3], params.new_name) if found else None
        except ExpertError as error:
            said = found[0].said(str(error)) if found else str(error)
            raise JsonRpcException(said, code=types.LSPErrorCodes.RequestFailed) from None

    @it.feature(types.TEXT_DOCUMENT_FORMATTING)
    def formatted(params: types.DocumentFormattingParams) -> list[types.TextEdit]:
        found = it.file(params.text_document.uri)
        return formatting(found[1], found[0].text(found[1])) if found else []

    @it.feature(types.TEXT_DOCUMENT_CODE_ACTION)
    def offered(params: types.CodeActionParams) -> list[types.CodeAction]:
        found = it.file(params.text_document.uri)
        return actions(*found, params.range, it.shown.get(found[0].path, {}).get(found[1], ())) if found else []

    @it.feature(types.TEXT_DOCUMENT_CODE_LENS)
    def above(params: types.CodeLensParams) -> list[types.CodeLens]:
        found = it.file(params.text_document.uri)
        return list(lenses(*found)) if found else []

    @it.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    def hinted(params: types.InlayHintParams) -> list[types.InlayHint]:
        found = it.file(params.text_document.uri)
        return list(hints(*found, params.range)) if found else []

    @it.command(CASES)
    async def first_case(uri: str, rule: str) -> None:
        folder, _ = it.file(uri) or (None, "")
        at = next((at for _, at in cases_of(folder, rule)), None) if folder else None
        if folder and at:
            name = folder.name_at(at)
            start = folder.text(name).position(folder.text(name).offset_of(at.line, at.column))
            shown = types.ShowDocumentParams(folder.uri(name), take_focus=True, selection=types.Range(start, start))
            await it.window_show_document_async(shown)

    @it.command(TEST)
    async def ran(uri: str) -> None:
        if found := it.file(uri):
            topic = found[1].removesuffix(".yaml").removesuffix(".test") + ".test.yaml"
            it.say(found[0], await printed("test", str(found[0].mirror.path / topic), cwd=found[0].mirror.path))

    @it.command(MUTANTS)
    async def mutated(uri: str, rule: str) -> None:
        folder, _ = it.file(uri) or (None, "")
        if folder and folder.good and not folder.problems:
            content = folder.good.content
            found, wrong = await mutants(folder.mirror.path, rule)
            said, left = of_mutants(found)
            if not wrong:
                folder.mutants[content, rule] = said
            it.say(folder, "\n".join(wrong or [f"{rule}: {said}", *left]))
            await it.show_lenses_again()

    @it.command(DIFF)
    async def compared(uri: str) -> None:
        if found := it.file(uri):
            words = ("diff", "HEAD", str(found[0].mirror.path), "--knowledge", str(found[0].path))
            it.say(found[0], await printed(*words, cwd=found[0].path))

    return it
