// Preloaded into servers of others that would listen on every address of the machine: here they get the loopback one.
import { Server } from 'node:net'

const listen = Object.getOwnPropertyDescriptor(Server.prototype, 'listen')?.value as (...args: unknown[]) => Server
Server.prototype.listen = function (this: Server, port: unknown, ...rest: unknown[]): Server {
  const isEverywhere = (typeof port === 'number' || typeof port === 'string') && typeof rest[0] !== 'string'
  return isEverywhere ? listen.call(this, port, '127.0.0.1', ...rest) : listen.call(this, port, ...rest)
}
