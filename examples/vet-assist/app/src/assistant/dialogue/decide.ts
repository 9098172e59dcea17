// Owns the next move: the turns of the conversation are gone through from the first, so that the last one is understood as an
// answer to what was asked before it. Nothing is remembered between two prompts.
import type { ClinicClock } from '../entities/moments.ts'
import type { Classifier } from '../language/classifier.ts'
import { type Known, petsIn, type Reply, type Step } from '../plans/plan.ts'
import { PLANS } from '../plans/index.ts'
import type { Call, Turn } from './conversation.ts'
import { explain } from './explain.ts'
import type { Memory, Request } from './request.ts'
import { understand } from './understand.ts'

/** Chosen by cross-validation over the corpus, never by the held-out set: docs/reference/assistant.md has the figures. */
export const CONFIDENCE = 0.5

/** The call that is needed next, or what is said. */
export type Move = { call: Step } | { reply: Reply }

export interface Thinking {
  classifier: Classifier
  clock: ClinicClock
  confidence?: number
}

export function decide(turns: readonly Turn[], thinking: Thinking): Move {
  let memory: Memory = {}
  let move: Move = { reply: { text: 'What can I do for you?' } }
  for (const turn of turns) {
    const known = withPets(memory, turn)
    const request = understand(turn.text, known, { ...thinking, confidence: thinking.confidence ?? CONFIDENCE })
    move = run(request, { clock: thinking.clock, memory: known }, turn.calls)
    memory = remember(known, request, move)
  }
  return move
}

/** The whole list of pets from this turn, else that of turns before. */
function withPets(memory: Memory, { calls }: Turn): Memory {
  const listed = calls.find(({ tool, outcome }) => tool === 'list_pets' && outcome.status === 'done')
  return listed?.outcome.status === 'done' ? { ...memory, pets: petsIn(listed.outcome.value) } : memory
}

/** Goes through the plan with the calls that were made. Each call answers one step: a write can never come twice for one yes. */
function run(request: Request, known: Known, calls: readonly Call[]): Move {
  const unused = [...calls]
  const plan = PLANS[request.intent](request, known)
  let next = plan.next()
  while (next.done !== true) {
    const step = next.value
    const at = unused.findIndex(({ tool }) => tool === step.tool)
    const [made] = at < 0 ? [] : unused.splice(at, 1)
    if (made === undefined) return { call: step }
    if (made.outcome.status !== 'done' && step.mayFail !== true) return { reply: { text: explain(made.outcome) } }
    next = plan.next(made.outcome)
  }
  return { reply: withLater(next.value, request) }
}

function withLater(reply: Reply, { later }: Request): Reply {
  if (later === undefined) return reply
  return { ...reply, text: `${reply.text}\nI do one thing at a time. For the other one, write again: “${later}”.` }
}

function remember(memory: Memory, request: Request, move: Move): Memory {
  const { pets, topic } = memory
  const question = 'reply' in move ? move.reply.question : undefined
  const about = question?.request.pets ?? request.pets
  const [pet] = about.length === 1 ? about : []
  const meant = pet ?? topic
  const kind =
    request.intent === 'next_vaccination' || request.intent === 'vaccination_history'
      ? 'vaccination'
      : (request.kind ?? memory.kind)
  const last = request.intent === 'nothing' || request.intent === 'social' ? memory.last : request
  return {
    ...(pets && { pets }),
    ...(meant && { topic: meant }),
    ...(kind && { kind }),
    ...(question && { question }),
    ...(last && { last }),
  }
}
