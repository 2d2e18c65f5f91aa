-- A short session of a knowledge engineer; each line printed is what Neovim got from the server.
local client = vim.lsp.start_client({ name = "expert", cmd = vim.split(vim.env.EXPERT_LSP, " "), root_dir = vim.fn.getcwd() })
vim.cmd("edit garden/rules/sun.yaml")
local buffer = vim.api.nvim_get_current_buf()
vim.lsp.buf_attach_client(buffer, client)

local function say(what, text)
  io.stdout:write(what .. ": " .. vim.inspect(text, { newline = " ", indent = "" }) .. "\n")
end

local function wait(right)
  assert(vim.wait(30000, right, 20), "the server did not answer in time")
end

local function line_of(text)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, true)) do
    if line:find(text, 1, true) then return number - 1, line:find(text, 1, true) - 1 end
  end
end

local function ask(method, more)
  local at = vim.lsp.util.make_position_params(0, "utf-16")
  local answers = vim.lsp.buf_request_sync(buffer, method, vim.tbl_extend("force", at, more or {}), 30000)
  return answers[client].result
end

wait(function() return vim.lsp.get_client_by_id(client) and vim.lsp.get_client_by_id(client).initialized end)

local line = line_of("when: shaded")
vim.api.nvim_buf_set_lines(buffer, line, line + 1, true, { "    when: shadde" })
wait(function() return #vim.diagnostic.get(buffer) > 0 end)
say("underlined", vim.split(vim.diagnostic.get(buffer)[1].message, "\n")[1])

vim.api.nvim_win_set_cursor(0, { line + 1, 12 })
local offers = ask("textDocument/codeAction", {
  range = vim.lsp.util.make_range_params(0, "utf-16").range,
  context = { diagnostics = vim.lsp.diagnostic.get_line_diagnostics() },
})
say("offered", offers[1].title)
vim.lsp.util.apply_workspace_edit(offers[1].edit, "utf-16")
say("line", vim.api.nvim_buf_get_lines(buffer, line, line + 1, true)[1])
wait(function() return #vim.diagnostic.get(buffer) == 0 end)

vim.api.nvim_win_set_cursor(0, { line + 1, 12 })
say("hover", vim.split(ask("textDocument/hover").contents.value, "\n")[2])

local before = vim.api.nvim_buf_line_count(buffer)
vim.api.nvim_buf_set_lines(buffer, before, before, true, { "  a-new-rule:", "    then: exc" })
vim.api.nvim_win_set_cursor(0, { before + 2, 14 })
say("completed", ask("textDocument/completion")[1].label)
vim.api.nvim_buf_set_lines(buffer, before, before + 2, true, {})

local right = vim.api.nvim_buf_get_lines(buffer, line, line + 2, true)
vim.api.nvim_buf_set_lines(buffer, line, line + 2, true, { right[2], right[1] })
vim.lsp.buf.formatting_sync(nil, 30000)
say("formatted", vim.deep_equal(vim.api.nvim_buf_get_lines(buffer, line, line + 2, true), right))

vim.api.nvim_buf_set_lines(buffer, line, line + 1, true, { "    when: [shaded, not shaded]" })
vim.cmd("silent write")
wait(function()
  return #vim.tbl_filter(function(it) return it.code == "unreachable" end, vim.diagnostic.get(buffer)) > 0
end)
say("proved", true)
vim.lsp.stop_client(client)
vim.cmd("quitall!")
