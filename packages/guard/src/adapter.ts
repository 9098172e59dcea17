// For adapters: what stands between the guard and a framework or runtime for which there is none yet.
export type { Admission, Verdict } from './admit.ts'
export { endWithToken, isEventStream } from './end-stream.ts'
export type { Era } from './era.ts'
export type { MessageFilter } from './list-filter.ts'
export { textFilterFor, type TextFilter } from './text-filter.ts'
export type { Incoming } from './types.ts'
