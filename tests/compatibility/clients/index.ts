import { chatgpt } from './chatgpt.ts'
import { claudeCode } from './claude-code.ts'
import { claude } from './claude.ts'
import { codex } from './codex.ts'
import { copilotCli } from './copilot-cli.ts'
import { cursor } from './cursor.ts'
import { geminiCli } from './gemini-cli.ts'
import { inspector } from './inspector.ts'
import { mcpRemote } from './mcp-remote.ts'
import { vscode } from './vscode.ts'

export const clients = [
  claude,
  claudeCode,
  chatgpt,
  vscode,
  cursor,
  codex,
  geminiCli,
  copilotCli,
  inspector,
  mcpRemote,
] as const
