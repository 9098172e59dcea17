import { err, ok, type Result } from '@permitry/oauth'
import type { Outcome } from '../commands/command.ts'
import { type CommandFailure, describeFailure } from '../commands/failure.ts'
import { commandUnit, type Operator, runCommand } from '../commands/run.ts'
import { revokeKey, rotateKey } from '../commands/signing-key.ts'
import { inTenant } from '../store/in-tenant.ts'
import type { SigningKey } from '../store/repositories/signing-keys.ts'
import { isOver, KEY_KINDS, type KeyState, newKeySignsFrom, stateOf } from './key-life.ts'
import { checkOpens, generateKey, type NewKey } from './key-pair.ts'

/** A signing key as an operator sees it. */
export interface ListedKey extends Pick<SigningKey, 'kid' | 'purpose' | 'alg'> {
  readonly state: KeyState
  readonly signsFrom: number
  readonly retiredAt: number | null
  readonly revokedAt: number | null
}

/** The signing keys of a tenant, the oldest first, those that are only kept for old hints included. */
export async function listKeys(operator: Operator): Promise<readonly ListedKey[]> {
  const now = operator.now()
  return (await readKeys(operator)).map((key) => ({
    kid: key.kid,
    purpose: key.purpose,
    alg: key.alg,
    state: stateOf(key, now),
    signsFrom: key.signs_from,
    retiredAt: key.retired_at,
    revokedAt: key.revoked_at,
  }))
}

/**
 * Makes the keys that are missing, publishes the next one where the one that signs will be `maxAgeMs` old when it takes over,
 * and destroys private halves that signed for the last time. Says whether there is any new key. Pairs are made before the unit,
 * which decides again whether they are needed: of two processes that rotate at once, one adds a key of each kind.
 */
export async function rotateKeys(operator: Operator, envelope: Buffer, maxAgeMs: number): Promise<Outcome> {
  const { store, tenant, now } = operator
  const keys = await readKeys(operator)
  checkOpens(envelope, tenant, keys)
  const at = now()
  const due = KEY_KINDS.filter((kind) => newKeySignsFrom(keys, kind, { now: at, maxAgeMs }) !== undefined)
  const pairs = await Promise.all(due.map((kind) => generateKey(envelope, tenant, kind)))
  const added = pairs.length > 0 && (await addKeys(operator, pairs, maxAgeMs))
  const over = keys.filter((key) => isOver(key, at) && key.private_sealed !== '').map(({ kid }) => kid)
  if (over.length > 0) await store.unit((tx) => inTenant(tx, tenant).signingKeys.destroyPrivate(over))
  return added ? 'changed' : 'unchanged'
}

/** Adds those that are still needed when their turn has come; all of them or none. */
async function addKeys(operator: Operator, pairs: readonly NewKey[], maxAgeMs: number): Promise<boolean> {
  const done = await commandUnit(operator, async (context) => {
    const outcomes: Outcome[] = []
    for (const key of pairs) {
      const one = await rotateKey(context, { key, maxAgeMs })
      if (!one.ok) return one
      outcomes.push(one.value)
    }
    return ok(outcomes)
  })
  if (!done.ok) throw new Error(`signing keys could not be made: ${describeFailure(done.error)}`)
  return done.value.includes('changed')
}

/** Revokes a key; see the command for what that means. */
export async function revokeSigningKey(
  operator: Operator,
  envelope: Buffer,
  kid: string,
): Promise<Result<Outcome, CommandFailure>> {
  const keys = await readKeys(operator)
  checkOpens(envelope, operator.tenant, keys)
  const key = keys.find((one) => one.kid === kid)
  if (!key) return err({ reason: 'unknown', kind: 'signing key', id: kid })
  return runCommand(operator, revokeKey, { kid, replacement: await generateKey(envelope, operator.tenant, key) })
}

function readKeys({ store, tenant }: Operator): Promise<readonly SigningKey[]> {
  return store.read((db) => inTenant(db, tenant).signingKeys.all())
}
