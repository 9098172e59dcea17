// For `npm run bench:gateway`: what everybody would write first, a proxy of undici's dispatch that looks at nothing.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Pool } from 'undici'
import { serveBench } from './serve.ts'

const [url = ''] = process.argv.slice(2)
const { origin, pathname } = new URL(url)
const pool = new Pool(origin, { connections: 256, pipelining: 1 })
const HOP_BY_HOP = new Set(['connection', 'host', 'keep-alive', 'transfer-encoding', 'te', 'upgrade'])

function handle(req: IncomingMessage, res: ServerResponse): void {
  const headers: string[] = []
  for (let index = 0; index < req.rawHeaders.length; index += 2) {
    const name = req.rawHeaders[index]?.toLowerCase() ?? ''
    if (!HOP_BY_HOP.has(name)) headers.push(name, req.rawHeaders[index + 1] ?? '')
  }
  pool.dispatch(
    { path: pathname, method: 'POST', headers, body: req },
    {
      onRequestStart() {},
      onResponseStart(_controller, status, answered) {
        const kept = Object.entries(answered).filter(([name, value]) => value !== undefined && !HOP_BY_HOP.has(name))
        res.writeHead(status, Object.fromEntries(kept) as Record<string, string | string[]>)
      },
      onResponseData(controller, chunk) {
        if (res.write(chunk)) return
        controller.pause()
        res.once('drain', () => controller.resume())
      },
      onResponseEnd: () => void res.end(),
      onResponseError: () => void res.destroy(),
    },
  )
}

serveBench(createServer(handle))
