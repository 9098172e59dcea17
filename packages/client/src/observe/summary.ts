import { readChallenge } from '../oauth/challenge.ts'
import type { ObservedMessage } from './message.ts'

/** A line that says what a message is, in the words of the protocol. */
export function summaryOf(message: Omit<ObservedMessage, 'at' | 'summary' | 'user' | 'server' | 'context'>): string {
  const { kind, direction, status, method, url, body } = message
  const path = new URL(url).pathname
  if (status !== undefined) return `${status} ${whatCame(message)}`.trim()
  if (direction === 'in') return `browser comes back to ${path}`
  if (kind === 'mcp') return rpcSummary(body) ?? `${method} ${path}`
  const grant = textOf(body, 'grant_type')
  return grant === undefined ? `${method} ${path}` : `${method} ${path} ${grant}`
}

function whatCame({ kind, status = 0, headers, body }: Parameters<typeof summaryOf>[0]): string {
  if (status === 401 || status === 403) {
    const { error, scopes } = readChallenge(new Headers(headers))
    return [error ?? 'log in', ...(scopes.length > 0 ? [`for ${scopes.join(' ')}`] : [])].join(' ')
  }
  if (kind === 'mcp') return rpcSummary(body) ?? ''
  const scope = textOf(body, 'scope')
  return textOf(body, 'error') ?? (scope === undefined ? '' : `for ${scope}`)
}

function rpcSummary(body: unknown): string | undefined {
  const method = textOf(body, 'method')
  if (method !== undefined) {
    const params = (body as { params?: unknown }).params
    return [method, textOf(params, 'name') ?? textOf(params, 'uri')].filter((part) => part !== undefined).join(' ')
  }
  if (typeof body !== 'object' || body === null) return undefined
  if ('error' in body) return `error ${textOf(body.error, 'message') ?? ''}`.trim()
  if (!('result' in body)) return undefined
  return (body.result as { isError?: unknown } | null)?.isError === true ? 'result: the tool says no' : 'result'
}

function textOf(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const found = (value as Record<string, unknown>)[name]
  return typeof found === 'string' ? found : undefined
}
