import { sha256 } from '../keys/secrets.ts'
import type { InUnit } from '../store/in-tenant.ts'
import type { StoredDecision } from '../store/repositories/decisions.ts'
import type { DecisionBatch, ToldDecision } from './decision-body.ts'

const DAY = 24 * 3_600_000

/** So long a batch is known again. Who repeats one later finds each of its decisions there. */
const BATCH_KNOWN = 7 * DAY

export interface Teller {
  /** The credential by which the guard came. */
  readonly guardId: string
  /** The MCP server that the batch is about, which the credential guards. */
  readonly serverId: string
  readonly now: number
}

/**
 * Takes a batch, once: each decision gets its row for look-ups and its row in the audit chain. A guard is believed what it
 * decided. Whom it decided about it must have from a token of ours for this server: other names are kept as a claim, and
 * count for nobody's activity.
 */
export async function takeDecisions(
  t: InUnit,
  batch: DecisionBatch,
  { guardId, serverId, now }: Teller,
): Promise<void> {
  const hash = sha256(JSON.stringify(['decisions', guardId, serverId, batch.batch]))
  if (!(await t.spentIds.spend(hash, now + BATCH_KNOWN))) return
  const isKnown = await whoIsKnown(t, serverId, batch.events)
  const told = batch.events.map((event) => toStored(event, isKnown(event), { guardId, serverId, now }))
  for (const decision of await t.decisions.add(told)) await auditDecision(t, decision)
  const { dropped, unauthenticated, unusable } = batch
  if (dropped + unauthenticated + unusable > 0)
    await t.audit({
      type: 'guard.counted',
      outcome: 'refused',
      actor: { kind: 'client', id: guardId },
      serverId,
      detail: { dropped, unauthenticated, unusable },
    })
}

/** Says who of the batch has a token of ours for this server: by its family, or as an agent, whose tokens have none. */
async function whoIsKnown(
  t: InUnit,
  serverId: string,
  events: readonly ToldDecision[],
): Promise<(event: ToldDecision) => boolean> {
  const ids = new Set(events.flatMap(({ fam }) => (fam === undefined ? [] : [fam])))
  const families = new Map((await t.families.findAll([...ids])).map((family) => [family.id, family]))
  const acting = new Set<string>()
  const alone = new Set(
    events.flatMap(({ fam, sub, client_id }) => (fam === undefined && sub === client_id ? [sub] : [])),
  )
  for (const sub of alone) {
    const mayAsk = await t.clients.servers(sub)
    if (mayAsk.has(serverId) && (await t.agents.find(sub))) acting.add(sub)
  }
  return ({ fam, sub, client_id }) => {
    if (fam === undefined) return sub === client_id && acting.has(sub)
    const family = families.get(fam)
    return family?.subjectId === sub && family.clientId === client_id && family.serverId === serverId
  }
}

function toStored(event: ToldDecision, isKnown: boolean, { guardId, serverId, now }: Teller): StoredDecision {
  const { sub, client_id, fam = null, resource, object } = event
  return {
    id: event.decision_id,
    serverId,
    itemType: resource.type,
    itemName: storable(resource.id),
    // Nothing happens after it was told, whatever a clock there says.
    at: Math.min(event.at, now),
    receivedAt: now,
    outcome: event.outcome,
    reasons: event.reasons,
    action: event.action,
    subjectId: isKnown ? sub : null,
    clientId: isKnown ? client_id : null,
    familyId: isKnown ? fam : null,
    tokenId: storable(event.jti),
    object: object
      ? { type: storable(object.type), id: typeof object.id === 'string' ? storable(object.id) : object.id }
      : null,
    scopes: event.scopes?.map(storable) ?? null,
    argumentsHmac: event.arguments_hmac ?? null,
    claimed: isKnown
      ? null
      : { sub: storable(sub), client_id: storable(client_id), fam: fam === null ? null : storable(fam) },
    guardId,
  }
}

/** PostgreSQL keeps no NUL, and no database half a surrogate pair. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd')
}

/**
 * The row in the chain, which stays for good. The name of an object, and that of a thing for which there is no rule, are
 * what a person wrote or owns: they are kept as personal data are, and go when the person is erased.
 */
async function auditDecision(t: InUnit, decision: StoredDecision): Promise<void> {
  const { subjectId, clientId, familyId, serverId, itemType, itemName, object, claimed, reasons } = decision
  const isNamedByRule = !reasons.includes('rule_missing')
  const personal = {
    ...(!isNamedByRule && { [itemType]: itemName }),
    ...(object && { object: `${object.type} ${object.id}` }),
    ...(claimed && { claimed: JSON.stringify(claimed) }),
  }
  await t.audit({
    type: decision.outcome === 'allow' ? 'call.allowed' : 'call.refused',
    outcome: decision.outcome === 'allow' ? 'allowed' : 'refused',
    actor: { kind: 'client', id: decision.guardId },
    subjectId: subjectId ?? undefined,
    clientId: clientId ?? undefined,
    familyId: familyId ?? undefined,
    serverId,
    reason: reasons.join(' ') || decision.outcome,
    detail: {
      decision: decision.id,
      decided_at: decision.at,
      outcome: decision.outcome,
      action: decision.action,
      type: itemType,
      ...(isNamedByRule && { name: itemName }),
      token: decision.tokenId,
      ...(decision.scopes && { scopes: decision.scopes }),
      ...(decision.argumentsHmac !== null && { arguments_hmac: decision.argumentsHmac }),
      ...(claimed && { known: false }),
    },
    ...(Object.keys(personal).length > 0 && { personal: { subjectId: subjectId ?? undefined, fields: personal } }),
  })
}
