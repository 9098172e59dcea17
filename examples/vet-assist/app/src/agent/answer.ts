// Turns one answer of the model into items: its text as it grows, and a card for each call that it proposes.
import { randomUUID } from 'node:crypto'
import type { ClinicTool, Visit } from '../clinic/clinic.ts'
import type { StoredItem, StoredTool } from '../conversation/stored.ts'
import type { AssistantItem } from '../wire.ts'
import { fieldsOf } from './fields.ts'
import { instructionsFor } from './instructions.ts'
import { toModelMessages } from './messages.ts'
import { namesIn } from './names.ts'
import { askModel, type Proposal } from './step.ts'
import { BY_PERSON, ModelFailure, type Turn } from './turn.ts'
import { asShown } from './shown.ts'
import { visible } from './visible.ts'

/** Lets the model answer once. Throws a ModelFailure when it does not. */
export async function answerOnce(turn: Turn, visit: Visit, step: number): Promise<void> {
  const { conversations, clock, session, signal } = turn
  const { conversation } = session
  const items = conversations.items(conversation)
  let item: AssistantItem | undefined

  function add(delta: string): void {
    if (delta === '') return
    if (item === undefined) {
      item = { kind: 'assistant', id: randomUUID(), at: clock(), step, text: delta, done: false }
      conversations.put(conversation, item)
      return
    }
    item = { ...item, text: item.text + delta }
    conversations.grow(conversation, item, delta)
  }

  function end(broken: boolean): void {
    if (item) conversations.put(conversation, { ...item, done: true, ...(broken && { broken }) })
  }

  let proposals: Proposal[]
  try {
    proposals = await askModel({
      model: turn.model.model,
      instructions: instructionsFor(session.name, clock(), visit.instructions),
      messages: toModelMessages(items),
      tools: visit.tools,
      signal,
      onText: add,
    })
  } catch (cause) {
    // What the person stopped stays as it is. What the app leaves open is closed after its next start.
    if (!signal.aborted || signal.reason === BY_PERSON) end(!signal.aborted)
    throw new ModelFailure(cause, turn.model)
  }
  end(false)
  if (item === undefined && proposals.length === 0) throw new ModelFailure('the model answered nothing', turn.model)
  for (const proposal of proposals) conversations.put(conversation, toCard(turn, proposal, step, visit.tools))
}

/** What reads is called at once, and seen. What writes asks first, and what the person does not know. What does not exist is not called. */
function toCard(turn: Turn, proposal: Proposal, step: number, tools: readonly ClinicTool[]): StoredTool {
  const { callId, fault } = proposal
  const tool = tools.find(({ name }) => name === proposal.tool)
  const card = {
    kind: 'tool' as const,
    id: randomUUID(),
    at: turn.clock(),
    step,
    // Models give ids that repeat; results must find their call.
    callId: `${step}-${callId}`,
    tool: proposal.tool,
    title: `“${visible(proposal.tool).slice(0, 80)}”`,
    writes: true,
    arguments: proposal.arguments,
    fields: fieldsOf(proposal.arguments, namesIn(resultsIn(turn.conversations.items(turn.session.conversation)))),
  }
  if (tool === undefined) return { ...card, ...failed('The assistant asked for a tool that the clinic does not have.') }
  if (fault !== undefined) return { ...card, ...failed('The assistant’s request could not be read.') }
  const shown = asShown(turn, tool)
  return { ...card, ...shown, state: tool.writes || shown.caution !== undefined ? 'asks' : 'ready' }
}

function failed(why: string): Pick<StoredTool, 'state' | 'why' | 'output'> {
  return { state: 'failed', why, output: { type: 'error-text', value: why } }
}

function resultsIn(items: readonly StoredItem[]): unknown[] {
  return items.flatMap((item) => (item.kind === 'tool' && item.output?.type === 'json' ? [item.output.value] : []))
}
