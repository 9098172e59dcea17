// `npm run differences`: writes docs/reference/differences.md.
import { writeFile } from 'node:fs/promises'
import { compare, PAGE, toPage } from './compare.ts'

await writeFile(PAGE, toPage(await compare()))
