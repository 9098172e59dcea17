import { invariants } from './invariants.ts'
import { mutate } from './mutate.ts'
import { Random } from './random.ts'
import { sendRaw } from './raw.ts'
import { type Sent, toRequest } from './sent.ts'
import { startWorld } from './world.ts'

export interface Found {
  readonly what: string
  readonly sent: Sent | undefined
}

export interface Report {
  readonly cases: number
  readonly accepted: number
  readonly found: readonly Found[]
}

const RAW_PERCENT = 3
const ENOUGH = 3

/** Sends right requests, spoilt ones and bytes until the time is over or enough was found; the seed repeats the choices. */
export async function fuzz(seed: number, until: () => boolean): Promise<Report> {
  const random = new Random(seed)
  const world = await startWorld()
  const port = Number(new URL(world.stack.origin).port)
  const found: Found[] = []
  let [cases, accepted] = [0, 0]
  const onCrash = (fault: unknown): void => void found.push({ what: `nobody caught ${String(fault)}`, sent: undefined })
  process.on('unhandledRejection', onCrash)
  process.on('uncaughtException', onCrash)
  try {
    for (; !until() && found.length < ENOUGH; cases++) {
      if (random.chance(RAW_PERCENT)) {
        const status = await sendRaw(port, random)
        if (status.startsWith('HTTP/1.1 5')) found.push({ what: `bytes were answered ${status}`, sent: undefined })
        continue
      }
      const sent = mutate(await world.rightRequest(random), random, world.known)
      const request = buildable(sent, world.stack.issuer)
      if (request === undefined) continue
      const response = await world.send(request)
      const answer = { status: response.status, headers: response.headers, text: await response.text() }
      if (answer.status < 400) accepted++
      for (const invariant of invariants) {
        const what = invariant(sent, answer, world)
        if (what !== undefined) found.push({ what, sent })
      }
    }
    return { cases, accepted, found }
  } finally {
    process.off('unhandledRejection', onCrash)
    process.off('uncaughtException', onCrash)
    await world.stack.close()
  }
}

/** Undefined for what `fetch` itself refuses, which no server ever sees. */
function buildable(sent: Sent, origin: string): Request | undefined {
  try {
    return toRequest(sent, origin)
  } catch {
    return undefined
  }
}
