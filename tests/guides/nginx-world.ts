// The guide for production as it stands: its nginx, its permitry.yaml, `permitry serve` as a process, and a guarded MCP server.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import tls from 'node:tls'
import { getRequestListener } from '@hono/node-server'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { guard, type Protect } from '@permitry/guard'
import { passwordOf, type ServerCredential } from '@permitry/testkit'
import './names.ts'

const ROOT = join(import.meta.dirname, '../..')
const GUIDE = join(ROOT, 'docs/guides/nginx')

export interface World extends AsyncDisposable {
  /** `https://auth.example.com`, at the port that nginx has here. */
  readonly issuer: string
  readonly resource: string
  readonly httpPort: number
  readonly ca: string
  readonly credential: ServerCredential
  readonly protect: Protect
  /** Responses that the MCP server began at /stream and did not end. */
  readonly streams: ServerResponse[]
  /** From which addresses a client did something, as the audit's clear text has it. */
  addressesOf(clientId: string): string[]
  /** A command of the operator, while the server runs. */
  permitry(...args: string[]): Promise<string>
  /** Starts nginx anew with its configuration changed, and fails where nothing was changed. */
  restartNginx(change?: (configuration: string) => string): Promise<void>
}

export async function startWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'permitry-guides-'))
  const [httpsPort, httpPort, authPort] = [await freePort(), await freePort(), await freePort()]
  const certificates = makeCertificates(folder)
  // from here on this process trusts the test's authority, as an operator's machines trust a real one
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), certificates.ca])
  const issuer = `https://auth.example.com:${httpsPort}`
  const resource = `https://mcp.example.com:${httpsPort}/mcp`

  const configuration = readFileSync(join(GUIDE, 'permitry.yaml'), 'utf8')
  writeFileSync(
    join(folder, 'permitry.yaml'),
    configuration.replaceAll(/https:\/\/(\w+\.example\.com)/g, `https://$1:${httpsPort}`),
  )
  const env = {
    PATH: process.env['PATH'] ?? '',
    PERMITRY_PORT: String(authPort),
    PERMITRY_MASTER_KEY: randomBytes(32).toString('base64url'),
    BOB_PASSWORD: passwordOf('bob'),
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
  }
  const main = ['--conditions=@permitry/source', `--import=${join(import.meta.dirname, 'names.ts')}`]
  const command = (...args: string[]): ChildProcess =>
    spawn(process.execPath, [...main, join(ROOT, 'packages/cli/src/main.ts'), ...args], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const permitry = async (...args: string[]): Promise<string> => {
    const child = command(...args)
    const [out, err, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')])
    if (code !== 0) throw new Error(`permitry ${args.join(' ')} ended with ${code}: ${err}`)
    return out
  }

  const streams: ServerResponse[] = []
  const mcp = createServer()
  mcp.listen(0, '127.0.0.1')
  await once(mcp, 'listening')
  const mcpPort = (mcp.address() as AddressInfo).port
  const nginx = createNginx(folder, certificates, { 80: httpPort, 443: httpsPort, 9400: authPort, 9500: mcpPort })
  await nginx.start((unchanged) => unchanged)

  const server = command('serve', '--apply')
  const stopped = once(server, 'close')
  const warnings = await readUntilReady(server)
  if (warnings.length > 0) throw new Error(warnings.join('\n'))
  await permitry('server', 'credential', 'notes')
  const credential = JSON.parse(readFileSync(join(folder, 'notes.credential.json'), 'utf8')) as ServerCredential
  const protect = guard({
    issuer,
    resource,
    defaultScopes: ['notes:read'],
    tools: { list_notes: 'notes:read' },
    credential,
  })
  const listener = getRequestListener(protect(createMcpHandler(notes)))
  mcp.on('request', (request, response) => {
    if (request.url !== '/stream') return void listener(request, response)
    // what nginx does with a stream does not depend on what is said in it
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: first\n\n')
    streams.push(response)
  })

  return {
    issuer,
    resource,
    httpPort,
    ca: certificates.ca,
    credential,
    protect,
    streams,
    addressesOf: (clientId) => readAddresses(join(folder, '.permitry/permitry.db'), clientId),
    permitry,
    async restartNginx(change = (unchanged) => unchanged) {
      await nginx.stop()
      await nginx.start(change)
    },
    async [Symbol.asyncDispose]() {
      await protect.close()
      server.kill('SIGTERM')
      await stopped
      await nginx.stop()
      mcp.closeAllConnections()
      mcp.close()
      rmSync(folder, { recursive: true })
    },
  }
}

function readAddresses(file: string, clientId: string): string[] {
  using database = new DatabaseSync(file, { readOnly: true })
  const rows = database
    .prepare(
      'select p.fields from audit_personal p join audit_events e using (tenant, stream, seq) where e.client_id = ?',
    )
    .all(clientId) as { fields: string }[]
  return rows.map(({ fields }) => (JSON.parse(fields) as { address: string }).address)
}

function notes(): McpServer {
  const server = new McpServer({ name: 'notes', version: '1.0.0' })
  server.registerTool('list_notes', {}, () => ({ content: [{ type: 'text', text: 'Buy milk' }] }))
  return server
}

interface Certificates {
  readonly ca: string
  readonly chain: string
  readonly key: string
}

/** An authority that lives as long as the test, and its certificate for the two names. */
function makeCertificates(folder: string): Certificates {
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  openssl('req', '-x509', ...key, '-subj', '/CN=Test CA', '-keyout', 'ca.key', '-out', 'ca.pem')
  const names = 'subjectAltName=DNS:auth.example.com,DNS:mcp.example.com'
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', names, '-addext', 'basicConstraints=CA:FALSE']
  openssl('req', '-x509', ...key, ...signed, '-subj', '/CN=auth.example.com', '-keyout', 'host.key', '-out', 'host.pem')
  return {
    ca: readFileSync(join(folder, 'ca.pem'), 'utf8'),
    chain: join(folder, 'host.pem'),
    key: join(folder, 'host.key'),
  }
}

/** The guide's nginx with its ports and files put where a test may have them; everything else is as in the guide. */
function createNginx(folder: string, { chain, key }: Certificates, ports: Readonly<Record<number, number>>) {
  const guide = readFileSync(join(GUIDE, 'permitry.conf'), 'utf8')
    .replaceAll(/listen (80|443)/g, (_, port: string) => `listen 127.0.0.1:${ports[Number(port)]}`)
    .replaceAll(/127\.0\.0\.1:(9400|9500)/g, (_, port: string) => `127.0.0.1:${ports[Number(port)]}`)
    .replaceAll('/etc/ssl/permitry/fullchain.pem', chain)
    .replaceAll('/etc/ssl/permitry/privkey.pem', key)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  for (const name of temporary) mkdirSync(join(folder, name))
  let running: ChildProcess | undefined
  return {
    async start(change: (configuration: string) => string) {
      writeFileSync(join(folder, 'permitry.conf'), change(guide))
      writeFileSync(
        join(folder, 'nginx.conf'),
        `${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; pid ${folder}/nginx.pid; error_log stderr warn;
         events {}
         http {
           access_log off;
           ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
           include ${folder}/permitry.conf;
         }`,
      )
      // Debian has it where only the PATH of root leads
      const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` }
      const child = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], {
        env,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      running = child
      let said = ''
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
      const ended = new Promise<never>((_, reject) => {
        child.once('error', () => reject(new Error('nginx is not installed: apt-get install nginx')))
        child.once('exit', (code) => reject(new Error(`nginx ended with ${code}: ${said}`)))
      })
      ended.catch(() => {})
      await Promise.race([ended, accepting(ports[443] ?? 0)])
    },
    async stop() {
      if (!running || running.exitCode !== null) return
      const exited = once(running, 'exit')
      running.kill('SIGTERM')
      await exited
    },
  }
}

/** Resolves when somebody accepts connections there. */
async function accepting(port: number): Promise<void> {
  for (;;) {
    const connected = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => (socket.destroy(), resolve(true))).once('error', () => resolve(false))
    })
    if (connected) return
    await delay(20)
  }
}

/** Its warnings until it is ready: it asks for itself at its public address before it says so. */
async function readUntilReady(server: ChildProcess): Promise<string[]> {
  const warnings: string[] = []
  const errors: string[] = []
  server.stderr!.on('data', (chunk: Buffer) => errors.push(chunk.toString()))
  for await (const line of createInterface({ input: server.stdout! })) {
    const { level, msg } = JSON.parse(line) as { level: string; msg: string }
    if (msg === 'ready') {
      server.stdout!.resume()
      return warnings
    }
    if (level !== 'info') warnings.push(msg)
  }
  throw new Error(`permitry serve ended: ${errors.join('')}`)
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
