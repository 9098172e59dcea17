import type { Migrations } from '../engine/migrate.ts'
import { up as first } from './0001-first.ts'
import { up as clientsOfAllKinds } from './0002-clients-of-all-kinds.ts'
import { up as signals } from './0003-signals.ts'
import { up as decisionsAndTools } from './0004-decisions-and-tools.ts'
import { up as consoleSessions } from './0005-console-sessions.ts'
import { up as lists } from './0006-lists.ts'
import { up as idempotencyKeys } from './0007-idempotency-keys.ts'
import { up as setupLinks } from './0008-setup-links.ts'

/** Every migration, by the name under which a database remembers it. */
export const migrations: Migrations = {
  '0001-first': { up: first },
  '0002-clients-of-all-kinds': { up: clientsOfAllKinds },
  '0003-signals': { up: signals },
  '0004-decisions-and-tools': { up: decisionsAndTools },
  '0005-console-sessions': { up: consoleSessions },
  '0006-lists': { up: lists },
  '0007-idempotency-keys': { up: idempotencyKeys },
  '0008-setup-links': { up: setupLinks },
}
