// Makes one call and writes down what became of it. The only place where a tool of the clinic is called.
import type { Called, ClinicTool, Visit } from '../clinic/clinic.ts'
import { allInWords } from '../clinic/scope-words.ts'
import type { StoredTool } from '../conversation/stored.ts'
import { offerAccess } from './access.ts'
import { explainLeftOut, readRefusal, SERVER_ASKS_AGAIN } from './refusal.ts'
import { asShown, cautionOf, CHANGED_MEANWHILE } from './shown.ts'
import type { Turn } from './turn.ts'

/** Calls what is `ready`: what only reads, or what the person said yes to. Of two runs that try, one calls. */
export async function makeCall(turn: Turn, visit: Visit, item: StoredTool): Promise<void> {
  const { conversations, session, signal } = turn
  const tool = visit.tools.find(({ name }) => name === item.tool)
  if (tool === undefined || tool.definition !== item.definition) return askAgain(turn, item, tool)
  const running = conversations.move(session.conversation, item.id, 'ready', 'running')
  if (running === undefined) return
  turn.knownTools.accept(session, tool)
  try {
    const called = await visit.call(running.tool, running.arguments, signal)
    settle(turn, running, called)
  } catch (fault) {
    conversations.put(session.conversation, { ...running, ...afterFault(running, fault) })
    // The model is told of an answer that it can act on. What broke the connection ends the run.
    if (!isAnswer(fault)) throw fault
  }
}

/** A yes counts for the tool that was shown. When the clinic has another one now, the person is shown that, or told that it is gone. */
function askAgain(turn: Turn, { id }: StoredTool, tool: ClinicTool | undefined): void {
  const { conversations, session, clock } = turn
  const moved = conversations.move(session.conversation, id, 'ready', tool ? 'asks' : 'failed')
  if (moved === undefined) return
  conversations.put(session.conversation, {
    ...moved,
    ...(tool
      ? { ...asShown(turn, tool), caution: cautionOf(tool, CHANGED_MEANWHILE), at: clock() }
      : { why: GONE, output: { type: 'error-text', value: GONE } }),
  })
}

const GONE = 'The clinic does not offer this any more, so nothing was done.'

function settle(turn: Turn, item: StoredTool, called: Called): void {
  const { conversations, session } = turn
  const put = (more: Partial<StoredTool>): void => conversations.put(session.conversation, { ...item, ...more })
  const held = 'held' in called ? { held: allInWords(called.held) } : {}
  switch (called.status) {
    case 'answered':
      return put({ ...held, ...afterAnswer(called) })
    case 'refused':
      return put({ ...held, ...refused(SERVER_ASKS_AGAIN) })
    case 'more':
      // Once for each call: the person has just answered, and is not sent there again and again.
      if (wasAskedFor(turn, item)) return put({ ...held, ...leftOut(explainLeftOut(called.missing)) })
      put({ ...held, state: 'needs-access' })
      return offerAccess(turn, called, item.id)
    case 'sign-in':
      if (wasAskedFor(turn, item)) return put(refused(SERVER_ASKS_AGAIN))
      put({ state: 'needs-access' })
      return offerAccess(turn, called, item.id)
  }
}

function wasAskedFor({ conversations, session }: Turn, tool: StoredTool): boolean {
  return conversations
    .items(session.conversation)
    .some((item) => item.kind === 'access' && item.tool === tool.id && item.state === 'granted')
}

function afterAnswer({ result, withheld }: Extract<Called, { status: 'answered' }>): Partial<StoredTool> {
  const text = result.content.map((block) => (block.type === 'text' ? block.text : `(${block.type})`)).join('\n')
  if (result.isError === true) {
    const { permission, why, decision } = readRefusal(text, withheld)
    return {
      state: permission ? 'refused' : 'failed',
      why,
      ...(decision !== undefined && { decision }),
      result: text,
      output: { type: 'error-text', value: text },
    }
  }
  const { structuredContent } = result
  const output =
    structuredContent === undefined
      ? { type: 'text' as const, value: text }
      : { type: 'json' as const, value: structuredContent as never }
  return { state: 'allowed', result: text, output }
}

function refused(why: string): Partial<StoredTool> {
  return { state: 'refused', why, output: { type: 'error-text', value: why } }
}

/** The person's own choice, and no fault of anybody. */
function leftOut(why: string): Partial<StoredTool> {
  return { state: 'declined', why, output: { type: 'execution-denied', reason: why } }
}

function afterFault(item: StoredTool, fault: unknown): Partial<StoredTool> {
  if (isAnswer(fault)) {
    const why = `The clinic’s server did not take this: ${fault.message}.`
    return { state: 'failed', why, output: { type: 'error-text', value: why } }
  }
  // A read can be repeated. Of a write nobody knows whether it arrived.
  return item.writes ? { state: 'interrupted', ...INTERRUPTED } : { state: 'ready' }
}

const UNKNOWN =
  'The connection broke while this was being done, so I do not know whether it was. Look before you repeat it.'
/** What is said of a write that was under way when the app or the connection stopped. */
export const INTERRUPTED: Pick<StoredTool, 'why' | 'output'> = {
  why: UNKNOWN,
  output: { type: 'error-text', value: UNKNOWN },
}

/** An error that the server answered with (JSON-RPC 2.0 §5.1 has numbers for them), and not one of the way there. */
function isAnswer(fault: unknown): fault is Error {
  return fault instanceof Error && 'code' in fault && typeof fault.code === 'number'
}
