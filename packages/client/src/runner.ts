import type { Access, App } from './access.ts'
import { ask, type Person, type Waiting } from './asking.ts'
import { ClientError } from './errors.ts'
import { type Need, needOfError } from './need.ts'
import type { ToolCall } from './options.ts'
import type { AuthorizationAsked, Outcome, Refused } from './outcome.ts'

/** Makes a request and turns what stands in its way into an outcome; `calls` are repeated after an authorization. */
export type Runner = <T>(work: () => Promise<T>, calls: readonly ToolCall[]) => Promise<Outcome<T>>

/** After this long a person is asked although other requests are still under way. */
const GATHER_MS = 2_000

interface Asking extends Waiting {
  readonly resolve: (answer: AuthorizationAsked | Refused) => void
  readonly reject: (error: unknown) => void
}

/**
 * A runner for the requests of one connection. Those that run at the same time and need an authorization wait until all
 * have their answer, and then for one and the same authorization: a person is asked once.
 */
export function createRunner(person: Person, access: Access, app: App, firstRound: number): Runner {
  let underWay = 0
  let asking: Asking[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  function askNow(): void {
    clearTimeout(timer)
    timer = undefined
    const [first, ...others] = asking
    asking = []
    if (first === undefined) return
    ask([first, ...others], person, access, app).then(
      (answer) => [first, ...others].forEach(({ resolve }) => resolve(answer)),
      (error: unknown) => [first, ...others].forEach(({ reject }) => reject(error)),
    )
  }

  function askTogether(need: Need, calls: readonly ToolCall[], round: number): Promise<AuthorizationAsked | Refused> {
    return new Promise((resolve, reject) => {
      asking.push({ need, calls, round, resolve, reject })
      timer ??= setTimeout(askNow, GATHER_MS)
    })
  }

  async function once<T>(work: () => Promise<T>, calls: readonly ToolCall[], round: number): Promise<Outcome<T>> {
    underWay += 1
    let answer: Promise<AuthorizationAsked | Refused>
    try {
      let attempted = await attempt(work)
      // The token has what the server asks for: it was widened meanwhile, or the server has not noticed. Once more, afresh.
      if ('need' in attempted && (await isRenewed(attempted.need, access))) attempted = await attempt(work)
      if ('result' in attempted) return { status: 'done', result: attempted.result }
      answer = askTogether(attempted.need, calls, round)
    } finally {
      underWay -= 1
      if (underWay === 0) askNow()
    }
    return answer
  }

  return async (work, calls) => {
    for (let round = firstRound; ; round += 1) {
      const outcome = await once(work, calls, round)
      if (outcome.status !== 'authorize' || app.interact === undefined) return outcome
      const refused = await app.interact(outcome)
      if (refused !== undefined) return refused
    }
  }
}

async function attempt<T>(work: () => Promise<T>): Promise<{ result: T } | { need: Need }> {
  try {
    return { result: await work() }
  } catch (error) {
    const own = ownError(error)
    const need = needOfError(own)
    if (need === undefined) throw own
    return { need }
  }
}

/** The official client wraps what went wrong while it connects; what this package said about it is worth more. */
function ownError(error: unknown): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof ClientError) return cause
  return error
}

/** Whether a token that already has the scopes of a challenge was replaced by a newer one. */
async function isRenewed(need: Need, access: Access): Promise<boolean> {
  if (need.reason !== 'step-up' || need.scopes.length === 0) return false
  const tokens = await access.tokens()
  if (tokens === undefined || need.scopes.some((scope) => !tokens.scopes.includes(scope))) return false
  return (await access.refresh(tokens.accessToken)) !== undefined
}
