import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { bob, createTestClinic, ISSUER, NOON, valueOf } from '../testing/clinic.ts'
import { openClinic } from './database.ts'
import { setReminder } from './reminders.ts'
import { listAppointments } from './appointments.ts'
import { nextVaccinations } from './vaccinations.ts'

function inFolder(work: (dataFile: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'vet-assist-'))
  try {
    work(join(folder, 'data', 'clinic.db'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('a second start finds the data of the first one', () => {
  inFolder((dataFile) => {
    const first = createTestClinic({ dataFile })
    first.db.close()
    const second = createTestClinic({ dataFile, now: NOON + 86_400_000 })
    assert.equal(second.fido, first.fido)
    second.db.close()
  })
})

test('another issuer is told that these people are not its own', () => {
  inFolder((dataFile) => {
    createTestClinic({ dataFile }).db.close()
    const open = (): unknown => openClinic({ dataFile, issuer: 'http://localhost:9999', clock: () => NOON })
    assert.throws(open, /belong to the issuer http:\/\/localhost:9400, not http:\/\/localhost:9999; .*npm run reset/)
  })
})

test('a database of another version is refused', () => {
  inFolder((dataFile) => {
    const { db } = createTestClinic({ dataFile })
    db.exec('pragma user_version = 99')
    db.close()
    assert.throws(() => openClinic({ dataFile, issuer: ISSUER, clock: () => NOON }), /schema version 99/)
  })
})

test('the example can be started first on any day, holidays and changes of the clocks included', () => {
  const turns = { '2026-12-14': 18, '2027-03-22': 9, '2027-10-26': 7, '2028-02-27': 3 }
  for (const [from, days] of Object.entries(turns)) {
    for (let day = 0; day < days; day += 1) {
      const clinic = createTestClinic({ now: Date.parse(`${from}T12:00:00Z`) + day * 86_400_000 })
      const [next] = valueOf(nextVaccinations(clinic, bob, clinic.fido)).due
      assert.equal(next?.daysUntilDue, 16)
      const coming = { from: clinic.clock(), to: Infinity, cancelled: false, limit: 9 }
      assert.equal(listAppointments(clinic, bob, coming).length, 1)
      clinic.db.close()
    }
  }
})

test('a statement that breaks a rule of the tables is refused by them', () => {
  const clinic = createTestClinic()
  const dueAt = NOON + 1000
  const reminder = {
    petId: clinic.fido,
    kind: 'other',
    message: 'Walk',
    dueAt,
    repeat: { every: 1, unit: 'day', until: null },
  } as const
  const { reminderId } = valueOf(setReminder(clinic, bob, reminder))
  const halve = clinic.db.prepare('update reminders set repeat_unit = null where id = ?')
  assert.throws(() => halve.run(reminderId), /CHECK constraint failed/)
})
