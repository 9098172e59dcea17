import type { ApplicationType } from '@permitry/oauth'
import { memoryRows } from './store/memory.ts'
import { checkOptions, type CommonOptions } from './options.ts'
import { createSealer } from './store/seal.ts'
import { createStore, type Store } from './store/store.ts'

/** Options with their defaults, for the inside of the package. */
export interface Settings extends Required<
  Omit<CommonOptions, 'store' | 'clientMetadataUrl' | 'onStepUp' | 'onMessage' | 'onClient'>
> {
  readonly store: Store
  readonly clientMetadataUrl: string | undefined
  readonly onStepUp: CommonOptions['onStepUp']
  readonly onMessage: CommonOptions['onMessage']
  readonly onClient: CommonOptions['onClient']
  readonly applicationType: ApplicationType
  /** The redirect URI of the next authorization; native apps have one for each. */
  readonly redirectUri: () => string | Promise<string>
}

/** Whether somebody registered the app at an authorization server. */
export function isRegisteredAt(issuer: string, { registrations }: Pick<Settings, 'registrations'>): boolean {
  return registrations.some((registration) => registration.issuer === issuer)
}

export function settingsOf(
  options: CommonOptions,
  applicationType: ApplicationType,
  redirectUri: Settings['redirectUri'],
): Settings {
  checkOptions(options)
  const { now = Date.now, store } = options
  const rows = store?.rows ?? memoryRows(now)
  const keys = store === undefined ? [crypto.getRandomValues(new Uint8Array(32))] : [store.key].flat()
  return {
    name: options.name,
    version: options.version ?? '0.0.0',
    network: options.network,
    registrations: options.registrations ?? [],
    clientMetadataUrl: options.clientMetadataUrl,
    dynamicRegistration: options.dynamicRegistration ?? false,
    offlineAccess: options.offlineAccess ?? true,
    legacyServers: options.legacyServers ?? false,
    onStepUp: options.onStepUp,
    onMessage: options.onMessage,
    onClient: options.onClient,
    mcp: options.mcp ?? {},
    store: createStore(rows, createSealer(keys as readonly Uint8Array[])),
    now,
    applicationType,
    redirectUri,
  }
}
