// The page's side of the API. Refusals are values: a click that came too late shows what is so now.
import type { JournalEntry, State } from '../src/wire.ts'

export async function fetchState(): Promise<State> {
  const response = await fetch('/api/state')
  if (!response.ok) throw new Error(`the server answered ${response.status}`)
  return (await response.json()) as State
}

export async function fetchMessages(): Promise<JournalEntry[]> {
  const response = await fetch('/api/messages')
  return response.ok ? ((await response.json()) as JournalEntry[]) : []
}

/** Posts, and gives the answer's body; undefined when there is none or the server refused. */
async function post(path: string, body: object = {}): Promise<Record<string, unknown> | undefined> {
  const response = await fetch(`/api/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-vet-assist': '1' },
    body: JSON.stringify(body),
  })
  if (!response.ok || response.status === 204) return undefined
  return (await response.json()) as Record<string, unknown>
}

/** Posts, and goes where the answer says. */
async function follow(path: string, body: object = {}, otherwise?: string): Promise<void> {
  const location = (await post(path, body))?.['location'] ?? otherwise
  if (typeof location === 'string') window.location.assign(location)
}

export const actions = {
  say: (text: string) => post('say', { text }),
  answerCard: (id: string, proof: string, yes: boolean) => post(`cards/${id}`, { proof, yes }),
  askForAccess: (id: string, also: readonly string[]) => follow(`access/${id}`, { also }),
  declineAccess: (id: string) => post(`access/${id}/decline`),
  retry: () => post('retry'),
  stop: () => post('stop'),
  startAnew: () => post('new'),
  leaveClinic: () => post('leave-clinic'),
  signIn: (question?: string) => follow('sign-in', { question }),
  signOut: () => follow('sign-out', {}, '/'),
}
