// What the guard knows of access that was taken away before its tokens end.
import type { GuardApi, GuardApis } from '../issuer/guard-api.ts'
import { createKeys } from '../issuer/keys.ts'
import type { Credential } from '../issuer/options.ts'
import type { Settings } from '../settings.ts'
import type { Principal } from '../types.ts'
import { createConnection, SILENCE_MS, type Connection, type ConnectionStatus } from './connection.ts'
import { createFloors, type Floors } from './floors.ts'
import { createOpenStreams, type OpenStreams } from './open-streams.ts'
import { createTransmitter } from './transmitter.ts'

/** `off` where no issuer gave this guard a credential. */
export type SignalStatus = 'off' | ConnectionStatus

type RevocationListener = (issuer: string, ofEverybody: boolean) => void

/** The signals of all issuers. */
export interface Signals {
  /** Whether any issuer gave a credential. */
  readonly isOn: boolean
  /** Whether a token of this caller was revoked. Asked at every use. */
  readonly isRevoked: (principal: Principal, epoch: number | undefined) => boolean
  /** Whether enough is known to serve tokens of an issuer. */
  mayServe(issuer: string): boolean
  /** Calls `end` when the token of a stream is revoked, at once if it is already; the result forgets the stream. */
  untilRevoked(principal: Principal, epoch: number | undefined, end: () => void): () => void
  /** Has `listener` told that something of an issuer was revoked, and whether that was for everybody: a key of its tokens. */
  whenRevoked(listener: RevocationListener): void
  /** The worst of all issuers. */
  status(): SignalStatus
  /** Resolves when enough is known of all issuers to serve. */
  ready(): Promise<void>
  close(): Promise<void>
}

interface Source {
  readonly floors: Floors
  readonly streams: OpenStreams
  readonly connection: Connection
}

const WORST_FIRST: readonly SignalStatus[] = ['connecting', 'degraded', 'connected']

/** Opens the signals of every issuer that gave a credential. */
export function createSignals(settings: Settings, apis: GuardApis): Signals {
  const listeners: RevocationListener[] = []
  const { onSignalLoss } = settings
  const sources = new Map<string, Source>()
  for (const { issuer, credential } of settings.issuers) {
    const api = apis.get(issuer)
    if (credential && api)
      sources.set(
        issuer,
        open(issuer, credential, api, settings, (ofEverybody) =>
          listeners.forEach((listener) => listener(issuer, ofEverybody)),
        ),
      )
  }

  const mayServe = (issuer: string): boolean => {
    const status = sources.get(issuer)?.connection.status()
    return status === undefined || status === 'connected' || (status === 'degraded' && onSignalLoss === 'allow')
  }
  const isRevoked: Signals['isRevoked'] = (principal, epoch) =>
    sources.get(principal.iss)?.floors.isRevoked(principal, epoch) ?? false

  return {
    isOn: sources.size > 0,
    mayServe,
    isRevoked,
    whenRevoked: (listener) => void listeners.push(listener),
    untilRevoked(principal, epoch, end) {
      const source = sources.get(principal.iss)
      if (source === undefined) return () => {}
      const forget = source.streams.add(principal, epoch, end)
      // Between the decision and this, a signal may have come.
      if (isRevoked(principal, epoch) || !mayServe(principal.iss))
        source.streams.endWhere((names) => names === principal)
      return forget
    },
    status() {
      const all = [...sources.values()].map(({ connection }) => connection.status())
      return WORST_FIRST.find((status) => all.some((one) => one === status)) ?? 'off'
    },
    async ready() {
      await Promise.all([...sources.values()].map(({ connection }) => connection.ready))
    },
    async close() {
      await Promise.all([...sources.values()].map(({ connection }) => connection.close()))
    },
  }
}

function open(
  issuer: string,
  credential: Credential,
  api: GuardApi,
  settings: Settings,
  onRevoked: (ofEverybody: boolean) => void,
): Source {
  const { clock, fetch, schedule, onError, onSignalLoss } = settings
  const floors = createFloors(clock)
  const streams = createOpenStreams()
  const transmitter = createTransmitter(issuer, fetch, api)
  const keys = createKeys({ issuer, clock, fetch, onError, onReplaced: () => {}, locate: transmitter.findKeys })
  let callOff = (): void => {}

  const connection = createConnection({
    issuer,
    audience: credential.client_id,
    transmitter,
    keys,
    clock,
    schedule,
    random: Math.random,
    onRevocations(revocations) {
      for (const revocation of revocations) floors.raise(revocation)
      if (revocations.length === 0) return
      onRevoked(revocations.some(({ kind }) => kind === 'everybody'))
      streams.endWhere((names, epoch) => floors.isRevoked(names, epoch))
    },
    onContact() {
      if (onSignalLoss === 'allow') return
      // Who is not served in silence does not go on listening in it either.
      callOff()
      callOff = schedule(() => streams.endWhere(() => true), SILENCE_MS)
    },
    onError,
  })
  return {
    floors,
    streams,
    connection: {
      status: connection.status,
      ready: connection.ready,
      async close() {
        callOff()
        await connection.close()
      },
    },
  }
}
