import type { Connection, ConnectionStep } from '@permitry/server'
import { printable } from '../table.ts'

/** How the last clients got on, newest first, each refusal with its fix. */
export function formatTimelines(connections: readonly Connection[]): string {
  if (connections.length === 0) return 'No client has tried to connect yet.'
  return connections.map(formatConnection).join('\n\n')
}

function formatConnection({ clientId, clientName, startedAt, steps }: Connection): string {
  const name = clientName ?? (clientId === undefined ? 'somebody unknown' : clientId)
  const id = clientName !== undefined && clientId !== clientName ? ` (${clientId})` : ''
  const lines = steps.flatMap((step) => [
    `  ${clock(step.at)} ${describe(step)}`,
    ...(step.fix === undefined ? [] : [`        fix: ${step.fix}`]),
  ])
  return [
    `${printable(name)}${printable(id)}, ${new Date(startedAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    ...lines,
  ].join('\n')
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 16)
}

const WORDS: Readonly<Record<ConnectionStep['type'], string>> = {
  'metadata.read': 'metadata',
  'client.changed': 'registration',
  'registration.refused': 'registration',
  'authorization.refused': 'authorization request',
  'login.succeeded': 'sign-in',
  'login.refused': 'sign-in',
  'consent.granted': 'consent',
  'consent.refused': 'consent',
  'token.minted': 'token',
  'token.refused': 'token',
  'token.replayed': 'token',
  'signals.refused': 'signals',
}

function describe({ type, ok, reason, detail }: ConnectionStep): string {
  const what = `${WORDS[type]}${grant(detail)}`
  if (ok) return `${what} ok${scopes(detail)}${reader(detail)}`
  const because = typeof detail['description'] === 'string' ? `: ${printable(detail['description'])}` : ''
  const sent = typeof detail['redirect_uri'] === 'string' ? ` (redirect_uri ${printable(detail['redirect_uri'])})` : ''
  const times = typeof detail['times_this_hour'] === 'number' ? `, ${detail['times_this_hour']} times this hour` : ''
  const error = typeof detail['error'] === 'string' ? ` with \`${printable(detail['error'])}\` because` : ''
  return `${what} refused${error === '' ? ',' : error} ${printable(reason ?? 'by the person')}${because}${sent}${times}`
}

function grant(detail: ConnectionStep['detail']): string {
  const type = detail['grant_type']
  return typeof type === 'string' && type !== 'authorization_code' ? ` (${printable(type)})` : ''
}

/** A browser is another program than the client that it was opened by. */
function reader(detail: ConnectionStep['detail']): string {
  return detail['by'] === 'address' ? ', read from the same address' : ''
}

function scopes(detail: ConnectionStep['detail']): string {
  const granted = detail['scopes']
  return Array.isArray(granted) && granted.length > 0 ? ` for ${printable(granted.join(' '))}` : ''
}
