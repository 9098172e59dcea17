import type { OperationId } from '@permitry/admin-api'
import { agents } from './agents.ts'
import { audit } from './audit.ts'
import { clients } from './clients.ts'
import { decisions } from './decisions.ts'
import { grants } from './grants.ts'
import { groups } from './groups.ts'
import type { Handler } from './handler.ts'
import { keys } from './keys.ts'
import { overview } from './overview.ts'
import { people } from './people.ts'
import { roles } from './roles.ts'
import { servers } from './servers.ts'
import { sessions } from './sessions.ts'
import { system } from './system.ts'

/** What carries out each operation: one without a handler does not compile. */
export const handlers = {
  ...overview,
  ...servers,
  ...roles,
  ...groups,
  ...people,
  ...agents,
  ...clients,
  ...grants,
  ...sessions,
  ...audit,
  ...decisions,
  ...keys,
  ...system,
} satisfies { readonly [Id in OperationId]: Handler<Id> }
