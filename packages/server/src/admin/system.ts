import { ok } from '@permitry/oauth'
import { isOfKind, KEY_KINDS, stateOf } from '../keys/key-life.ts'
import type { HandlersOf } from './handler.ts'
import { named } from './named.ts'

/** A stream that nobody has polled for an hour has ended. */
const STREAM_LIVES = 3_600_000
const MOST_GUARDS = 100

export const system: HandlersOf<'system'> = {
  'system.settings': ({ realm }) => {
    const { documents, registration, publicClients, allowedHosts, blockedHosts } = realm.dynamicClients
    return Promise.resolve(
      ok({
        issuer: realm.issuer,
        tenant: realm.tenant,
        name: realm.name,
        dynamic_clients: {
          documents,
          registration,
          public_clients: publicClients,
          allowed_hosts: [...allowedHosts],
          blocked_hosts: [...blockedHosts],
        },
        dpop_nonces: realm.dpopNonces,
      }),
    )
  },

  async 'system.health'({ realm }) {
    const now = realm.now()
    return ok(
      await realm.read(async (t) => {
        const keys = await t.signingKeys.all()
        const streams = await t.signalStreams.newest(now - STREAM_LIVES, MOST_GUARDS)
        const clients = await t.labels.clients(streams.map(({ clientId }) => clientId))
        const servers = await t.labels.servers(streams.flatMap((stream) => stream.servers))
        return {
          at: now,
          epoch: (await t.tenants.current())?.epoch ?? 0,
          keys: KEY_KINDS.map(({ purpose, alg }) => {
            const signing = keys.some((key) => isOfKind(key, { purpose, alg }) && stateOf(key, now) === 'signing')
            return { purpose, alg, signing }
          }),
          guards: streams.map((stream) => ({
            credential: named(clients, stream.clientId),
            servers: stream.servers.map((id) => named(servers, id)),
            description: stream.description,
            polled_at: stream.polledAt,
          })),
        }
      }),
    )
  },
}
