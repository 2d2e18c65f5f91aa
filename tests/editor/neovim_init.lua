-- A small configuration for pictures: K explains, \a offers, \d shows what is wrong here, \q lists all that is wrong.
vim.cmd("set termguicolors nowrap linebreak noswapfile noshowmode noruler noshowcmd signcolumn=yes shortmess+=FI laststatus=2 nohlsearch")
vim.cmd("syntax on | set background=dark | set statusline=\\ %{expand('%:p:h:t')}/%t")
for group, look in pairs({
  NormalFloat = { bg = "#343a46", fg = "#e6e6e6" },
  FloatBorder = { bg = "#343a46", fg = "#8a93a5" },
  SignColumn = {},
  DiagnosticError = { fg = "#ff8585" },
  DiagnosticUnderlineError = { underline = true, fg = "#ff8585" },
}) do
  vim.api.nvim_set_hl(0, group, look)
end
vim.diagnostic.config({ severity_sort = true, float = { border = "rounded", header = "", prefix = "" } })
for key, does in pairs({
  K = vim.lsp.buf.hover,
  ["\\a"] = vim.lsp.buf.code_action,
  ["\\d"] = vim.diagnostic.open_float,
  ["\\q"] = function() vim.diagnostic.setqflist() end,
}) do
  vim.keymap.set("n", key, does)
end
vim.lsp.handlers["textDocument/hover"] = vim.lsp.with(vim.lsp.handlers.hover, { border = "rounded" })
vim.lsp.handlers["window/showMessage"] = function() end
local client = vim.lsp.start_client({ name = "expert", cmd = vim.split(vim.env.EXPERT_LSP, " "), root_dir = vim.fn.getcwd() })
vim.api.nvim_create_autocmd("BufReadPost", {
  pattern = "*.yaml",
  callback = function(read) vim.lsp.buf_attach_client(read.buf, client) end,
})
