import { err, ok } from '@permitry/oauth'
import { isOfKind, newKeySignsFrom, stateOf } from '../keys/key-life.ts'
import type { NewKey } from '../keys/key-pair.ts'
import { type CommandEvent, defineCommand } from './command.ts'
import { revokeTokens } from './revoke.ts'

/**
 * Publishes the next key of its kind, which signs in an hour and retires the one that signs now; the first one signs at once.
 * Nothing to do while a next key is waiting, or while the one that signs is younger than `maxAgeMs`: whoever comes second finds
 * that out behind the lock.
 */
export const rotateKey = defineCommand<{ readonly key: NewKey; readonly maxAgeMs: number }>(
  'key.rotate',
  async ({ t, now }, { key, maxAgeMs }) => {
    const keys = await t.signingKeys.all()
    const signsFrom = newKeySignsFrom(keys, key, { now, maxAgeMs })
    if (signsFrom === undefined) return ok('unchanged')
    const signing = keys.find((one) => isOfKind(one, key) && stateOf(one, now) === 'signing')
    if (signing) await t.signingKeys.retire(signing.kid, signsFrom)
    await t.signingKeys.add({ ...key, created_at: now, signs_from: signsFrom, retired_at: null })
    return ok(created(key, signsFrom))
  },
)

/**
 * Takes a key back on the bad day: it is out of the JWKS at once, our own endpoints refuse what it signed, and guards are told
 * to refuse everything that was issued until now. If it was signing, `replacement` signs from this moment; a next key that is
 * waiting would have been known to guards, but whoever saw one private key may have seen both.
 */
export const revokeKey = defineCommand<{ readonly kid: string; readonly replacement: NewKey }>(
  'key.revoke',
  async (context, { kid, replacement }) => {
    const { t, now } = context
    const keys = await t.signingKeys.all()
    const key = keys.find((one) => one.kid === kid)
    if (!key) return err({ reason: 'unknown', kind: 'signing key', id: kid })
    const state = stateOf(key, now)
    if (state === 'revoked') return ok('unchanged')
    await t.signingKeys.revoke(kid, now)
    if (state === 'signing') {
      await t.signingKeys.add({ ...replacement, created_at: now, signs_from: now, retired_at: key.retired_at })
      await context.audit(created(replacement, now))
    }
    const signing = keys.find((one) => isOfKind(one, key) && stateOf(one, now) === 'signing')
    if (state === 'next' && signing) await t.signingKeys.retire(signing.kid, null)
    // With a key of signals nobody could make a token.
    if (key.purpose !== 'signals') await revokeTokens(context, [{ everybody: true }])
    const { purpose, alg } = key
    return ok({ type: 'key.revoked', detail: { kid, purpose, alg, state } })
  },
)

function created({ kid, purpose, alg }: NewKey, signsFrom: number): CommandEvent {
  return { type: 'key.created', detail: { kid, purpose, alg, signs_from: signsFrom } }
}
