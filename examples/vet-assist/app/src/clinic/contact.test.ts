import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { EMERGENCY_PHONE } from './contact.ts'

test('the emergency number is the one that the clinic gives', () => {
  const support = readFileSync(join(import.meta.dirname, '../../../mcp-server/src/clinic/support.ts'), 'utf8')
  assert.ok(support.includes(`emergencyPhone: '${EMERGENCY_PHONE}'`))
})
