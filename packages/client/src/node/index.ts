// The parts of the client that need Node 22.19 or newer.
export { openBrowser } from './browser.ts'
export { createNativeClient, type NativeClient, type NativeClientOptions, type NativeRequest } from './native.ts'
export { nodeNetwork, type NodeNetworkOptions } from './network.ts'
