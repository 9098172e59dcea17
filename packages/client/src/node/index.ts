// The parts of the client that need Node 22.19 or newer.
export { nodeNetwork, type NodeNetworkOptions } from './network.ts'
