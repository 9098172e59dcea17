import { writeSync } from 'node:fs'
import { openEngine } from '../engine/open-engine.ts'
import { addSlip, slipOptions, type Slips } from './slips.ts'

/** Adds slips until it is killed, several at a time, and says each id on stdout when it was acknowledged. */
const [url = '', round = ''] = process.argv.slice(2)
const engine = await openEngine<Slips>(slipOptions(url))

async function addForever(worker: number): Promise<never> {
  for (let n = 0; ; n++) {
    const id = `${round}-${worker}-${n}`
    await engine.unit((tx) => addSlip(tx, id))
    writeSync(1, `${id}\n`)
  }
}

await Promise.all(Array.from({ length: 8 }, (_, worker) => addForever(worker)))
