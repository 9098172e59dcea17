// The page's side of the API. Refusals are values: a click that came too late shows what is so now.
import type { JournalEntry, Problem, State } from '../src/wire.ts'

/** Tells when an answer shows that the page is behind: nobody answers, or nobody is signed in any more. */
export const line = new EventTarget()

export async function fetchState(): Promise<State> {
  const response = await fetch('/api/state')
  if (!response.ok) throw new Error(`the server answered ${response.status}`)
  return (await response.json()) as State
}

export async function fetchMessages(): Promise<JournalEntry[]> {
  const response = await fetch('/api/messages')
  return response.ok ? ((await response.json()) as JournalEntry[]) : []
}

interface Answer {
  taken: boolean
  signedOut: boolean
  location?: string
}

async function post(path: string, body: object = {}): Promise<Answer> {
  const response = await fetch(`/api/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-vet-assist': '1' },
    body: JSON.stringify(body),
  }).catch(() => undefined)
  const signedOut = response?.status === 401
  if (response === undefined || signedOut) line.dispatchEvent(new Event('behind'))
  if (!response?.ok || response.status === 204) return { taken: response?.ok ?? false, signedOut }
  const { location } = (await response.json()) as { location?: unknown }
  return { taken: true, signedOut, ...(typeof location === 'string' && { location }) }
}

/** Posts, and says whether the server took it. */
async function send(path: string, body: object = {}): Promise<boolean> {
  return (await post(path, body)).taken
}

/** Posts, and goes where the answer says. */
async function follow(path: string, body: object = {}, otherwise?: string): Promise<boolean> {
  const { taken, location = otherwise } = await post(path, body)
  if (taken && location !== undefined) window.location.assign(location)
  return taken
}

export const actions = {
  say: async (text: string): Promise<Problem | undefined> => {
    const { taken, signedOut } = await post('say', { text })
    if (taken) return undefined
    return signedOut ? 'signed-out' : 'not-sent'
  },
  answerCard: (id: string, proof: string, yes: boolean) => send(`cards/${id}`, { proof, yes }),
  askForAccess: (id: string, also: readonly string[]) => follow(`access/${id}`, { also }),
  declineAccess: (id: string) => send(`access/${id}/decline`),
  retry: () => send('retry'),
  stop: () => send('stop'),
  startAnew: () => send('new'),
  leaveClinic: () => send('leave-clinic'),
  signIn: (question?: string) => follow('sign-in', { question }),
  signOut: () => follow('sign-out', {}, '/'),
}
