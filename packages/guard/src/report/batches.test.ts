import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AuditEvent } from '../audit.ts'
import type { Answer, Schedule } from '../issuer/exchange.ts'
import { type Batches, createBatches, TIMING } from './batches.ts'
import { shortened } from './shortened.ts'

const event: AuditEvent = {
  decision_id: 'dec_1',
  at: 1,
  outcome: 'allow',
  reasons: ['allowed'],
  iss: 'https://auth.example.com',
  sub: 'bob',
  client_id: 'app',
  jti: 'j1',
  action: 'tools/call',
  resource: { type: 'tool', id: 'list_pets' },
}

interface Sent {
  readonly batch: string
  readonly dropped: number
  readonly unauthenticated: number
  readonly events: readonly AuditEvent[]
}

/** A queue whose pauses pass at once, and are noted, in front of a server that answers as it is told. */
function queue(answers: (number | Error)[], capacity = 5_000) {
  const sent: Sent[] = []
  const pauses: number[] = []
  const errors: Error[] = []
  const schedule: Schedule = (run, milliseconds) => {
    pauses.push(milliseconds)
    const timer = setImmediate(run)
    return () => clearImmediate(timer)
  }
  const batches: Batches = createBatches({
    issuer: 'https://auth.example.com',
    schedule,
    resource: 'mcp://vet',
    onError: (error) => errors.push(error),
    capacity,
    timing: { ...TIMING, closeMs: 50 },
    async api({ body }): Promise<Answer> {
      sent.push(body as Sent)
      const answer = answers.shift() ?? 204
      if (answer instanceof Error) throw answer
      return { status: answer, value: undefined }
    },
  })
  return { batches, sent, pauses, errors }
}

describe('decisions on their way', () => {
  test('go together in batches of at most 200, in their order, and close waits for the last', async () => {
    const { batches, sent } = queue([])
    for (let index = 0; index < 450; index++) assert.ok(batches.add({ ...event, decision_id: `dec_${index}` }))
    await batches.close()
    assert.deepEqual(
      sent.map(({ events }) => events.length),
      [200, 200, 50],
    )
    assert.equal(sent[2]?.events.at(-1)?.decision_id, 'dec_449')
    assert.deepEqual(batches.status(), { queued: 0, dropped: 0 })
  })

  test('are sent again under the same id until they are taken, with pauses that grow, and the operator is told once', async () => {
    const { batches, sent, pauses, errors } = queue([new Error('refused'), 503, 401, 429])
    batches.add(event)
    while (batches.status().queued > 0) await new Promise((resolve) => setImmediate(resolve))
    assert.equal(sent.length, 5)
    assert.equal(new Set(sent.map(({ batch }) => batch)).size, 1)
    assert.deepEqual(pauses, [250, 500, 1_000, 2_000, 4_000])
    assert.equal(errors.length, 1)
    await batches.close()
  })

  test('that the server will never take are counted as lost, and told with the next', async () => {
    const { batches, sent, errors } = queue([400])
    batches.add(event)
    while (batches.status().dropped === 0) await new Promise((resolve) => setImmediate(resolve))
    batches.add(event)
    await batches.close()
    assert.equal(sent[1]?.dropped, 1)
    assert.notEqual(sent[0]?.batch, sent[1]?.batch)
    assert.match(errors[0]?.message ?? '', /1 decisions are lost/)
  })

  test('have no room in a queue that is full, which is counted and told', async () => {
    const { batches, sent } = queue([], 2)
    assert.deepEqual([batches.add(event), batches.add(event), batches.add(event)], [true, true, false])
    batches.countDropped()
    batches.countUnauthenticated()
    assert.deepEqual(batches.status(), { queued: 2, dropped: 1 })
    await batches.close()
    assert.deepEqual([sent[0]?.dropped, sent[0]?.unauthenticated, sent[0]?.events.length], [1, 1, 2])
    assert.equal(batches.add(event), false)
  })

  test('are given up when the end does not come, and the operator is told how many', async () => {
    const { batches, errors } = queue(Array.from({ length: 100_000 }, () => 503))
    batches.add(event)
    await batches.close()
    assert.match(errors.at(-1)?.message ?? '', /1 decisions are lost: they could not be reported before the end/)
  })
})

test('a text that a caller made long is cut, and a number that JSON does not know is written out', () => {
  const long = shortened({
    ...event,
    resource: { type: 'tool', id: 'x'.repeat(5_000_000) },
    object: { type: 'pet', id: Number.POSITIVE_INFINITY },
  })
  assert.ok(JSON.stringify(long).length < 1_000)
  assert.equal(long.object?.id, 'Infinity')
})
