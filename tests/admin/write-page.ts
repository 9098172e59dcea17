// `npm run admin:page`: writes docs/reference/admin-api.md.
import { writeFile } from 'node:fs/promises'
import { PAGE, toPage } from './page.ts'

await writeFile(PAGE, toPage())
