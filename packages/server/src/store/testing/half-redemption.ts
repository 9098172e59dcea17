import { writeSync } from 'node:fs'
import { openStore } from '../open-store.ts'
import { NOW, unitIn } from './story.ts'

/** Spends the story's code, says so on stdout, and never comes to its COMMIT: whoever started it kills it then. */
const store = await openStore({ url: process.argv[2] ?? '' })

await unitIn(store, 'default', async (t) => {
  const won = await t.codes.consume('code', NOW)
  await t.refreshTokens.add('of the half redemption', 'family', NOW)
  writeSync(1, won ? 'spent\n' : 'lost\n')
  await new Promise(() => setInterval(() => {}, 60_000))
})
