// Owns what a tool is: its words and schemas for a model, its rule for the guard, and the function of the clinic behind it.
import { randomUUID } from 'node:crypto'
import type { CallToolResult, McpServer, StandardSchemaWithJSON, ToolAnnotations } from '@modelcontextprotocol/server'
import { decided, type ItemRule, type ObjectRule } from '@permitry/guard'
import type { z } from 'zod'
import type { Caller, Clinic } from '../clinic/clinic.ts'
import { type Result, toSentence } from '../clinic/result.ts'
import type { Scope } from '../scopes.ts'
import { callerOf } from './objects.ts'

/** Everything about one tool, in one place. */
export interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  name: string
  title: string
  /** For a model: what it does, what to call first, units and formats that the fields do not say. */
  description: string
  annotations: ToolAnnotations
  /** What a token must carry. */
  scope: Scope
  /** The pet, appointment or reminder that a call is about. */
  object?: (clinic: Clinic) => ObjectRule
  /** Whether somebody who can never use it is told so, or does not see it. */
  whenNever?: 'explain'
  input: Input
  output: Output
  run: (clinic: Clinic, caller: Caller, input: z.output<Input>) => Result<z.input<Output>>
  /** The answer in a few lines, with the ids that the next call needs. */
  say: (output: z.input<Output>) => string
}

/** A tool, ready for the guard and for an MCP server; the types of its schemas stay inside. */
export interface Tool {
  name: string
  title: string
  rule: (clinic: Clinic) => ItemRule
  register: (server: McpServer, clinic: Clinic, onFault: FaultSink) => void
}

/** Where faults go: the operator reads them under the id that the caller is told. */
export type FaultSink = (fault: { id: string; tool: string; error: unknown }) => void

/** Makes a tool of its definition; input and output are checked against its schemas on both sides of `run`. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: ToolDefinition<Input, Output>,
): Tool {
  const { name, title, description, annotations, input, output } = tool
  return {
    name,
    title,
    rule: (clinic) => ({
      scope: tool.scope,
      input,
      ...(tool.object && { object: tool.object(clinic) }),
      ...(tool.whenNever && { whenNever: tool.whenNever }),
    }),
    register(server, clinic, onFault) {
      const inputSchema: StandardSchemaWithJSON = input
      const config = { title, description, annotations, inputSchema, outputSchema: output }
      server.registerTool(name, config, (_sent, ctx): CallToolResult => {
        // Throws when no guard stands in front: a tool never runs for nobody. The arguments are those that were decided on.
        const call = decided<{ arguments: z.output<Input> }>(ctx.http?.authInfo)
        try {
          return answer(tool, tool.run(clinic, callerOf(call.principal), call.arguments))
        } catch (error) {
          // The SDK would show the message of a fault, SQL and paths included, to whoever called.
          const id = randomUUID()
          onFault({ id, tool: name, error })
          return refusal(`the clinic's system has a fault; try later and tell the clinic this id: ${id}`)
        }
      })
    },
  }
}

function answer<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: ToolDefinition<Input, Output>,
  result: Result<z.input<Output>>,
): CallToolResult {
  if (!result.ok) return refusal(toSentence(result.failure))
  return { content: [{ type: 'text', text: tool.say(result.value) }], structuredContent: result.value }
}

function refusal(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true }
}
