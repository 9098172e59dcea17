// `npm run conformance:page`: writes docs/reference/conformance.md.
import { writeFile } from 'node:fs/promises'
import { matrixPage, PAGE } from './matrix.ts'

await writeFile(PAGE, await matrixPage())
