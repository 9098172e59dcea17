// The card that asks for permission, and where its button leads.
import { randomUUID } from 'node:crypto'
import { askingWho, type Called, type Clinic, type Opened, type Place } from '../clinic/clinic.ts'
import { allInWords, furtherScopes } from '../clinic/scope-words.ts'
import type { StoredAccess } from '../conversation/stored.ts'
import type { Session } from '../sessions/sessions.ts'
import type { Turn } from './turn.ts'

/** What stands between the app and the clinic. */
type Need = Extract<Called, { status: 'more' | 'sign-in' }> | Extract<Opened, { status: 'sign-in' }>

/** Offers the way to the permission page; `tool` is the call that waits for it. */
export function offerAccess(
  { conversations, session, clock }: Pick<Turn, 'conversations' | 'session' | 'clock'>,
  need: Need,
  tool?: string,
): void {
  const more = need.status === 'more' ? need : { missing: [], leftOut: [], held: [] }
  const hadToken = conversations.items(session.conversation).some((item) => 'held' in item)
  conversations.put(session.conversation, {
    kind: 'access',
    id: randomUUID(),
    at: clock(),
    reason: need.status === 'more' ? 'more' : need.reason === 'first' && hadToken ? 'ended' : need.reason,
    asked: allInWords(more.missing),
    offered: allInWords(furtherScopes(more.missing, more.held)),
    leftOut: allInWords(more.leftOut),
    state: 'offered',
    before: more.held,
    ...(tool !== undefined && { tool }),
    ...(need.status === 'sign-in' && { url: need.url, until: need.until }),
  })
}

/** Where the person answers an offer; `also` are further scopes that they ticked. */
export async function whereToAsk(
  clinic: Clinic,
  session: Session,
  item: StoredAccess,
  also: readonly string[],
  now: number,
): Promise<Place> {
  const place = await placeOf(clinic, session, item, also, now)
  return item.askWho && 'url' in place ? { url: askingWho(place.url) } : place
}

async function placeOf(
  clinic: Clinic,
  session: Session,
  item: StoredAccess,
  also: readonly string[],
  now: number,
): Promise<Place> {
  if (item.url !== undefined && now < (item.until ?? 0)) return { url: item.url }
  const opened = await clinic.open(session)
  if (opened.status === 'sign-in') return { url: opened.url }
  try {
    const ticked = item.offered.map(({ name }) => name).filter((name) => also.includes(name))
    return await opened.visit.widen([...item.asked.map(({ name }) => name), ...ticked])
  } finally {
    await opened.visit.close()
  }
}
