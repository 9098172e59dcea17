import { err, ok } from '@permitry/oauth'
import { listKeys, revokeSigningKey, rotateKeys } from '../keys/rotation.ts'
import type { HandlersOf } from './handler.ts'
import { refusalOf } from './refusal.ts'

export const keys: HandlersOf<'keys'> = {
  async 'keys.list'({ operator }) {
    const items = (await listKeys(operator)).map(({ kid, purpose, alg, state, signsFrom, retiredAt, revokedAt }) => ({
      id: kid,
      purpose,
      alg,
      state,
      signs_from: signsFrom,
      retired_at: retiredAt,
      revoked_at: revokedAt,
    }))
    return ok({ items })
  },

  async 'keys.rotate'({ operator, realm }) {
    return ok({ changed: (await rotateKeys(operator, realm.secrets.envelope, 0)) === 'changed' })
  },

  async 'keys.revoke'({ operator, realm, params: { id } }) {
    const done = await revokeSigningKey(operator, realm.secrets.envelope, id)
    return done.ok ? ok(undefined) : err(refusalOf(done.error, { kind: 'signing key', id }))
  },
}
