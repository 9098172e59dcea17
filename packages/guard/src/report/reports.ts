// What a guard tells authorization servers: each decision about their people, and what the tools need.
import type { ResourceType } from '@permitry/policy'
import type { AuditEvent } from '../audit.ts'
import type { GuardApis } from '../issuer/guard-api.ts'
import type { Settings } from '../settings.ts'
import { type Batches, createBatches, TIMING } from './batches.ts'
import { CATALOGUE_TIMING, createCatalogue } from './catalogue.ts'
import { shortened } from './shortened.ts'

/** How the reports of a guard stand. */
export interface ReportStatus {
  /** Decisions that wait to be reported. */
  readonly queued: number
  /** Decisions that were lost since the guard was made. */
  readonly dropped: number
}

/** Everything that a guard reports; to nobody, where it has no credential. */
export interface Reports {
  /** Whether there is anybody to report to. */
  readonly isOn: boolean
  /**
   * Puts a decision into the queue of the issuer whose token it was about. Throws when there is no room and calls must not
   * go on without their record.
   */
  readonly tell: (event: AuditEvent) => void
  /** A request without a good token: nobody knows whose, so there is no more to tell than that there was one. */
  readonly countUnauthenticated: () => void
  /** Takes what a list says of an item, before it is filtered. */
  readonly onListed: (type: ResourceType, id: string, item: Readonly<Record<string, unknown>>) => void
  readonly status: () => ReportStatus
  readonly close: () => Promise<void>
}

/** So many decisions wait at most: some ten megabytes at worst, and a minute of a busy server. */
const CAPACITY = 5_000

/** Opens a queue and a catalogue for each issuer of which the guard has a credential. */
export function createReports(settings: Settings, apis: GuardApis): Reports {
  const { resource, schedule, onError, onReportLoss } = settings
  const ends = [...apis].map(([issuer, api]) => {
    const batches = createBatches({ issuer, api, schedule, resource, onError, capacity: CAPACITY, timing: TIMING })
    const catalogue = createCatalogue({ issuer, api, schedule, settings, timing: CATALOGUE_TIMING })
    return { issuer, batches, catalogue }
  })
  const byIssuer = new Map<string, Batches>(ends.map(({ issuer, batches }) => [issuer, batches]))

  return {
    isOn: ends.length > 0,
    tell(event) {
      const batches = byIssuer.get(event.iss)
      if (batches === undefined || batches.add(shortened(event))) return
      if (onReportLoss === 'deny')
        throw new Error('decisions cannot be reported and no more can be kept, so the call is refused')
      batches.countDropped()
    },
    countUnauthenticated: () => ends[0]?.batches.countUnauthenticated(),
    onListed: (type, id, item) => ends.forEach(({ catalogue }) => catalogue.onListed(type, id, item)),
    status() {
      const all = ends.map(({ batches }) => batches.status())
      const sum = (key: keyof ReportStatus): number => all.reduce((total, one) => total + one[key], 0)
      return { queued: sum('queued'), dropped: sum('dropped') }
    },
    async close() {
      for (const { catalogue } of ends) catalogue.close()
      await Promise.all(ends.map(({ batches }) => batches.close()))
    },
  }
}
