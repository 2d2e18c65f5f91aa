"""The language server: knowledge folders in an editor. The only room that imports pygls and lsprotocol."""
