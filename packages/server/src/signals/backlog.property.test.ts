import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { inUnit } from '../store/in-tenant.ts'
import type { SignalStream } from '../store/repositories/signal-streams.ts'
import { emptySqlite } from '../store/testing/databases.ts'
import { openTestStore } from '../store/testing/stores.ts'
import { readBacklog } from './backlog.ts'
import { EVENTS_SUPPORTED } from './events.ts'

const NOW = 1_800_000_000_000

/** What happens to a stream: something is revoked at a server, or at another one, or the guard polls and acknowledges some of it. */
const step = fc.oneof(
  fc.constantFrom('here', 'elsewhere', 'everywhere').map((revoked) => ({ revoked })),
  fc.record({ most: fc.integer({ min: 0, max: 4 }), acknowledges: fc.infiniteStream(fc.boolean()) }),
)

test('whatever is revoked comes in its order, again and again until it is acknowledged, and then never again', async (t) => {
  const store = await openTestStore(t, emptySqlite)
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const tenant = `run-${run++}`
      const unit = <T>(work: (t: ReturnType<typeof inUnit>) => Promise<T>): Promise<T> =>
        store.unit((tx) => work(inUnit(tx, tenant, () => NOW)))
      await unit((t) => t.tenants.ensure('', NOW))
      let stream: SignalStream = { ...NEW, after: { epoch: 0, id: '' } }
      let owed: string[] = []
      for (const [index, one] of steps.entries()) {
        if ('revoked' in one) {
          const id = `rev_${String(index).padStart(3, '0')}`
          await unit(async (t) => {
            await t.revocations.revoke({ everybody: true }, id, NOW)
            const servers = { here: '["here"]', elsewhere: '["elsewhere"]', everywhere: null }[one.revoked] ?? null
            await t.db
              .updateTable('revocations')
              .set({ servers })
              .where('tenant', '=', tenant)
              .where('id', '=', id)
              .execute()
          })
          if (one.revoked !== 'elsewhere') owed.push(id)
          continue
        }
        const told = await unit((t) => readBacklog(t, stream, { now: NOW, most: one.most }))
        assert.deepEqual(
          told.pending.map(({ id }) => id),
          owed.slice(0, one.most),
        )
        assert.equal(told.isMore, owed.length > one.most)
        const acks = told.pending.map(({ id }) => id).filter(() => one.acknowledges.next().value)
        owed = owed.filter((id) => !acks.includes(id))
        stream = { ...stream, acked: [...stream.acked, ...acks, 'rev_nobody'] }
        const counted = await unit((t) => readBacklog(t, stream, { now: NOW, most: 0 }))
        stream = { ...stream, after: counted.after, acked: counted.acked }
        assert.ok(stream.acked.length <= steps.length && !stream.acked.includes('rev_nobody'))
      }
    }),
    { numRuns: 30 },
  )
})

const NEW: Omit<SignalStream, 'after'> = {
  id: 'stream',
  clientId: 'guard',
  servers: ['here'],
  description: null,
  events: EVENTS_SUPPORTED,
  acked: [],
  verification: null,
  polledAt: NOW,
}
