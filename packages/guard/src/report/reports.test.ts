import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditEvent } from '../audit.ts'
import type { GuardApi } from '../issuer/guard-api.ts'
import { readOptions } from '../settings.ts'
import { ISSUER, RESOURCE } from '../test-issuer.ts'
import { createReports, type Reports } from './reports.ts'

const event: AuditEvent = {
  decision_id: 'dec_1',
  at: 1,
  outcome: 'allow',
  reasons: ['allowed'],
  iss: ISSUER,
  sub: 'bob',
  client_id: 'app',
  jti: 'j1',
  action: 'tools/call',
  resource: { type: 'tool', id: 'list_pets' },
}

/** Reports to a server that never answers, with a queue that is full. */
function full(onReportLoss?: 'deny' | 'allow'): Reports {
  const silent: GuardApi = ({ signal }) =>
    new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('it was the end'))))
  const settings = readOptions({
    issuer: ISSUER,
    resource: RESOURCE,
    defaultScopes: [],
    tools: { list_pets: [] },
    onError: () => {},
    schedule: () => () => {},
    ...(onReportLoss && { onReportLoss }),
  })
  const reports = createReports(settings, new Map([[ISSUER, silent]]))
  for (let index = 0; index < 5_000; index++) reports.tell(event)
  return reports
}

test('when no more can be kept a call is refused, since there is no call without its record', () => {
  const reports = full()
  assert.throws(() => reports.tell(event), /decisions cannot be reported and no more can be kept/)
  assert.deepEqual(reports.status(), { queued: 5_000, dropped: 0 })
})

test('or it goes on where that is said, and what is lost is counted', () => {
  const reports = full('allow')
  reports.tell(event)
  reports.tell(event)
  assert.deepEqual(reports.status(), { queued: 5_000, dropped: 2 })
})

test('people of an issuer that gave no credential are told to nobody', () => {
  const reports = full()
  reports.tell({ ...event, iss: 'https://other.example.com' })
  assert.deepEqual(reports.status(), { queued: 5_000, dropped: 0 })
})
