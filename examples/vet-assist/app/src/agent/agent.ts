// Owns what a person can do in a conversation, and that one run at a time goes on with it.
import { randomUUID, timingSafeEqual } from 'node:crypto'
import type { Clinic } from '../clinic/clinic.ts'
import { allInWords } from '../clinic/scope-words.ts'
import type { Conversations } from '../conversation/conversations.ts'
import { proofOf, type StoredAccess, type StoredTool } from '../conversation/stored.ts'
import type { Session } from '../sessions/sessions.ts'
import { hashOf, type Keys } from '../store/keys.ts'
import { offerAccess, whereToAsk } from './access.ts'
import type { KnownTools } from './known-tools.ts'
import type { AssistantModel } from './model.ts'
import { isSettled } from './next.ts'
import { DECLINED_ACCESS, DECLINED_CALL, SET_ASIDE, WAITED_TOO_LONG } from './refusal.ts'
import { runTurn } from './run.ts'
import { BY_PERSON } from './turn.ts'

export interface AgentOptions {
  conversations: Conversations
  clinic: Clinic
  keys: Keys
  model: AssistantModel
  knownTools: KnownTools
  clock: () => number
  onFault: (fault: unknown) => void
}

/** What the person does. Each gives false when it does not fit what the conversation waits for. */
export interface Agent {
  isBusy: (conversation: string) => boolean
  say: (session: Session, text: string) => boolean
  /** The person comes from signing in, with a question. Gives the permission page where that is the next step. */
  arrive: (session: Session, question: string) => Promise<string | undefined>
  /** The person's yes or no to a call; `proof` shows that the card was on a page of this session. */
  answerCard: (session: Session, id: string, proof: string, yes: boolean) => boolean
  /** Where the person gives the permission that a card asks for; undefined when there is nothing to give any more. */
  whereToAsk: (session: Session, id: string, also: readonly string[]) => Promise<string | undefined>
  /** The person was at the permission page; `held` is what the token has now, undefined without one. */
  comeBack: (session: Session, held: readonly string[] | undefined) => boolean
  /** What the person brought from the permission page was not taken: the card stays, and its address is used up. */
  comeBackInVain: (session: Session, next: { askWho: boolean }) => void
  retry: (session: Session) => boolean
  /** Gives the token for the clinic back. */
  leave: (session: Session) => Promise<boolean>
  stop: (conversation: string) => void
  close: () => Promise<void>
}

/** How long a card waits for its yes: later, things may have changed. */
const CARD_MS = 30 * 60_000

export function createAgent(options: AgentOptions): Agent {
  const { conversations, clinic, keys, clock } = options
  const runs = new Map<string, { done: Promise<void>; stop: AbortController }>()

  function run(session: Session): boolean {
    const { conversation } = session
    if (runs.has(conversation)) return false
    settleNotices(conversations, conversation)
    const stop = new AbortController()
    const done = runTurn({ ...options, session, signal: stop.signal }).finally(() => {
      runs.delete(conversation)
      conversations.tell(conversation, { type: 'busy', busy: false })
    })
    runs.set(conversation, { done, stop })
    conversations.tell(conversation, { type: 'busy', busy: true })
    return true
  }

  function decline(conversation: string, item: StoredTool, why: string): void {
    conversations.put(conversation, {
      ...item,
      state: 'declined',
      why,
      output: { type: 'execution-denied', reason: why },
    })
  }

  /** Cards that nobody answered are left when the person goes on in another way. */
  function setAside(conversation: string): void {
    for (const item of conversations.items(conversation)) {
      if (item.kind === 'access' && item.state === 'offered')
        conversations.put(conversation, { ...item, state: 'set-aside' })
      if (item.kind === 'tool' && !isSettled(item)) decline(conversation, item, SET_ASIDE)
    }
  }

  function findOffer(conversation: string, id?: string): StoredAccess | undefined {
    return conversations
      .items(conversation)
      .filter((item) => item.kind === 'access')
      .findLast((item) => item.state === 'offered' && (id === undefined || item.id === id))
  }

  function comeBack(session: Session, held: readonly string[] | undefined): boolean {
    const { conversation } = session
    const offer = findOffer(conversation)
    if (offer === undefined || runs.has(conversation)) return false
    const given = held?.filter((scope) => !offer.before.includes(scope)) ?? []
    conversations.put(conversation, {
      ...offer,
      state: held ? 'granted' : 'refused',
      ...(held && { held: allInWords(held), given: allInWords(given) }),
    })
    const tool =
      offer.tool === undefined ? undefined : conversations.move(conversation, offer.tool, 'needs-access', 'ready')
    if (tool && !held) decline(conversation, tool, DECLINED_ACCESS)
    // Without permission and without a call there is nothing to say: the card says it.
    return held || tool ? run(session) : true
  }

  return {
    isBusy: (conversation) => runs.has(conversation),

    say(session, text) {
      const { conversation } = session
      if (runs.has(conversation)) return false
      setAside(conversation)
      conversations.put(conversation, { kind: 'person', id: randomUUID(), at: clock(), text })
      return run(session)
    },

    async arrive(session, question) {
      const { conversation } = session
      conversations.put(conversation, { kind: 'person', id: randomUUID(), at: clock(), text: question })
      // A clinic that cannot be reached is told of by the run.
      const opened = await clinic.open(session).catch(() => undefined)
      if (opened?.status === 'sign-in') {
        offerAccess({ conversations, session, clock }, opened)
        return opened.url
      }
      await opened?.visit.close()
      run(session)
      return undefined
    },

    answerCard(session, id, proof, yes) {
      const { conversation } = session
      const card = conversations.find(conversation, id)
      if (card?.kind !== 'tool' || runs.has(conversation) || !isSame(proof, proofOf(conversation, card, keys)))
        return false
      const isLate = clock() > card.at + CARD_MS
      const moved = conversations.move(conversation, id, 'asks', yes && !isLate ? 'ready' : 'declined')
      if (moved === undefined) return false
      if (moved.state === 'declined') decline(conversation, moved, isLate ? WAITED_TOO_LONG : DECLINED_CALL)
      return run(session)
    },

    async whereToAsk(session, id, also) {
      const offer = findOffer(session.conversation, id)
      if (offer === undefined || runs.has(session.conversation)) return undefined
      const place = await whereToAsk(clinic, session, offer, also, clock())
      if ('url' in place) return place.url
      comeBack(session, place.held)
      return undefined
    },

    comeBack,

    comeBackInVain({ conversation }, { askWho }) {
      const offer = findOffer(conversation)
      if (offer === undefined) return
      const { url: _url, until: _until, ...rest } = offer
      conversations.put(conversation, { ...rest, ...(askWho && { askWho }) })
    },

    retry: run,

    async leave(session) {
      const { conversation } = session
      if (runs.has(conversation)) return false
      await clinic.leave(session)
      setAside(conversation)
      const text = 'You took back what Vet Assist AI may do at the clinic. It asks again when it needs something.'
      conversations.put(conversation, {
        kind: 'notice',
        id: randomUUID(),
        at: clock(),
        text,
        retry: false,
        endsAccess: true,
      })
      return true
    },

    stop: (conversation) => runs.get(conversation)?.stop.abort(BY_PERSON),

    async close() {
      for (const { stop } of runs.values()) stop.abort()
      await Promise.all([...runs.values()].map(({ done }) => done))
    },
  }
}

function settleNotices(conversations: Conversations, conversation: string): void {
  for (const item of conversations.items(conversation))
    if (item.kind === 'notice' && item.retry) conversations.put(conversation, { ...item, retry: false })
}

/** In the same time for every wrong proof. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(a)), Buffer.from(hashOf(b)))
}
