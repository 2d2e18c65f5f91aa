// Starts `expert lsp` for the YAML files of the workspace.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = async function () {
  const command = workspace.getConfiguration("expert").get("command");
  const documentSelector = [{ scheme: "file", pattern: "**/*.yaml" }];
  const synchronize = { fileEvents: workspace.createFileSystemWatcher("**/*.yaml") };
  client = new LanguageClient("expert", "expert", { command, args: ["lsp"] }, { documentSelector, synchronize });
  await client.start();
};

exports.deactivate = () => client && client.stop();
