// One of many who book the same slot at the same moment, each with a connection of its own.
import { parentPort, workerData } from 'node:worker_threads'
import { bookAppointment } from '../clinic/appointments.ts'
import { createTestClinic, dana, reasonOf } from './clinic.ts'

const { dataFile, pet, startsAt, gate } = workerData as {
  dataFile: string
  pet: 'fido' | 'bella' | 'misty'
  startsAt: number
  gate: Int32Array
}
const clinic = createTestClinic({ dataFile })
parentPort?.postMessage('ready')
Atomics.wait(gate, 0, 0)
const result = bookAppointment(clinic, dana, { petId: clinic[pet], vetId: 'vet_hart', kind: 'vaccination', startsAt })
parentPort?.postMessage(result.ok ? 'booked' : reasonOf(result))
clinic.db.close()
