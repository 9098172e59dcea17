// Goes on with a conversation until it is answered or a card waits for the person.
import { randomUUID } from 'node:crypto'
import type { Visit } from '../clinic/clinic.ts'
import { offerAccess } from './access.ts'
import { answerOnce } from './answer.ts'
import { makeCall } from './call.ts'
import { nextOf } from './next.ts'
import { BY_PERSON, ModelFailure, type Turn } from './turn.ts'

/** Never throws: what goes wrong becomes a notice in the conversation. */
export async function runTurn(turn: Turn): Promise<void> {
  const visit: { open: Visit | undefined } = { open: undefined }
  try {
    await goOn(turn, visit)
  } catch (fault) {
    if (turn.signal.reason === BY_PERSON) putNotice(turn, 'Stopped.', false)
    if (turn.signal.aborted) return
    turn.onFault(fault)
    putNotice(turn, ...noticeOf(fault))
  } finally {
    await visit.open?.close().catch(turn.onFault)
  }
}

async function goOn(turn: Turn, visit: { open: Visit | undefined }): Promise<void> {
  const { conversations, session, signal } = turn
  for (;;) {
    signal.throwIfAborted()
    const next = nextOf(conversations.items(session.conversation))
    if (next.do === 'wait') return
    if (next.do === 'stop') {
      if (next.because === 'too-many-steps')
        putNotice(turn, 'This took too many steps, so I stopped. Try to ask for one thing at a time.', false)
      return
    }
    visit.open ??= await openVisit(turn)
    if (visit.open === undefined) return
    if (next.do === 'call') await makeCall(turn, visit.open, next.item)
    else await answerOnce(turn, visit.open, next.step)
  }
}

/** Without a token there is a card instead of a visit. */
async function openVisit(turn: Turn): Promise<Visit | undefined> {
  const opened = await turn.clinic.open(turn.session)
  if (opened.status === 'open') {
    turn.knownTools.meet(turn.session, opened.visit.tools)
    return opened.visit
  }
  offerAccess(turn, opened)
  return undefined
}

function putNotice({ conversations, session, clock }: Turn, text: string, retry: boolean): void {
  conversations.put(session.conversation, { kind: 'notice', id: randomUUID(), at: clock(), text, retry })
}

function noticeOf(fault: unknown): [text: string, retry: boolean] {
  if (fault instanceof ModelFailure)
    return ['The assistant’s model does not answer at the moment. Nothing is lost: try again in a minute.', true]
  return ['The clinic’s system cannot be reached at the moment. Nothing was changed: try again in a minute.', true]
}
