// `npm run pack:check`: what somebody gets who installs the tarballs in an empty folder, and knows nothing of this repository.
import assert from 'node:assert/strict'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { getRequestListener } from '@hono/node-server'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { publint } from 'publint'
import { allowedBy, installNodeLines } from './node-lines.ts'
import { npm, run, start, waitForLine } from './processes.ts'
import { linesOfCode, programsOf, snippetsOf } from './readme.ts'
import { freePort, serveFrom } from './start.ts'
import { findTarballFaults, promisedValues, readManifest, unpack } from './tarball.ts'

const ROOT = join(import.meta.dirname, '../..')
const PACKAGES = ['permitry', '@permitry/guard', '@permitry/client'] as const
/** What somebody has who follows the READMEs in TypeScript, at the versions that the repository is tested with. */
const BESIDE = versionsOf('packages/guard', [
  '@modelcontextprotocol/server',
  '@modelcontextprotocol/sdk',
  '@hono/node-server',
  '@types/express',
  'fastify',
  'hono',
  'zod',
])
const TYPES = versionsOf('.', ['typescript', '@types/node'])

const tarballOf = (name: string): string => `${name.replace('@', '').replace('/', '-')}-0.1.0.tgz`

let work: string
let app: string
let nodes: ReadonlyMap<number, string>
const folders = new Map<string, string>()

before(async () => {
  // the real path: programs compare their own address with it
  work = realpathSync(mkdtempSync(join(tmpdir(), 'permitry-pack-check-')))
  const tarballs = join(work, 'tarballs')
  app = join(work, 'app')
  const nodeFolder = join(work, 'nodes')
  for (const folder of [tarballs, app, nodeFolder]) mkdirSync(folder)
  const [packed, lines] = await Promise.all([
    run(['--import', './scripts/require-node.mjs', 'scripts/pack/pack.ts', tarballs], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'] ?? '' },
    }),
    installNodeLines(nodeFolder),
  ])
  assert.equal(packed.code, 0, packed.err)
  console.log(packed.out.trimEnd())
  nodes = lines
  writeFileSync(join(app, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }\n')
  const ours = PACKAGES.map((name) => join(tarballs, tarballOf(name)))
  await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', ...ours, ...BESIDE, ...TYPES], app)
  for (const name of PACKAGES) folders.set(name, unpack(join(tarballs, tarballOf(name)), join(work, 'unpacked', name)))
  writeStart()
})
after(() => rmSync(work, { recursive: true, force: true }))

/** As `name@version`, from the development dependencies of a package of the workspace. */
function versionsOf(folder: string, names: readonly string[]): string[] {
  const manifest = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  return names.map((name) => `${name}@${manifest.devDependencies[name] ?? assert.fail(`${folder} has no ${name}`)}`)
}

const folderOf = (name: string): string => folders.get(name) ?? assert.fail(`${name} was not packed`)
const readmeOf = (name: string): string => readFileSync(join(folderOf(name), 'README.md'), 'utf8')
const startFiles = () => snippetsOf(readmeOf('permitry')).filter(({ fileName }) => fileName !== undefined)

/** The files of the README of `permitry`, as its reader would write them. */
function writeStart(): void {
  mkdirSync(join(app, 'start'))
  for (const { fileName = '', code } of startFiles()) writeFileSync(join(app, 'start', fileName), code)
}

const tsc = (args: readonly string[]) => run([join(app, 'node_modules/typescript/bin/tsc'), ...args], { cwd: app })
const STRICT = [
  '--strict',
  '--exactOptionalPropertyTypes',
  '--module',
  'nodenext',
  '--target',
  'es2023',
  '--types',
  'node',
]

describe('the tarballs', () => {
  for (const name of PACKAGES) {
    test(`${name} holds what is meant, and all of it`, () => {
      assert.deepEqual(findTarballFaults(folderOf(name), ROOT), [])
    })

    test(`publint has nothing to say against ${name}`, async () => {
      const { messages } = await publint({ pkgDir: folderOf(name), level: 'warning', strict: true, pack: false })
      assert.deepEqual(messages, [])
    })
  }

  for (const name of PACKAGES.filter((one) => one !== 'permitry')) {
    test(`arethetypeswrong finds nothing in ${name} for those who import it as a module`, async () => {
      const data = new Uint8Array(readFileSync(join(work, 'tarballs', tarballOf(name))))
      const result = await checkPackage(createPackageFromTarballData(data))
      assert.ok(result.types !== false, 'it has no types')
      const seen = Object.keys(result.entrypoints).filter((entry) => entry !== './package.json')
      assert.ok(seen.length >= 2, `only ${seen.join(', ')} were seen`)
      // our packages are modules only: how `require` and the resolution of 2015 fare is not asked
      const asked = new Set(['node16-esm', 'bundler'])
      const problems = result.problems.filter((p) => !('resolutionKind' in p) || asked.has(p.resolutionKind))
      assert.deepEqual(
        problems.filter((p) => p.kind !== 'CJSResolvesToESM'),
        [],
      )
    })

    test(`every value that the types of ${name} promise is there, and no other, on each Node that it names`, async () => {
      const { exports = {}, engines } = readManifest(folderOf(name))
      const lines = allowedBy(engines?.node ?? '', nodes)
      assert.ok(lines.length >= 4)
      for (const [entry, target] of Object.entries(exports)) {
        if (typeof target === 'string') continue
        const promised = promisedValues(readFileSync(join(folderOf(name), target.types), 'utf8'))
        assert.ok(promised.length > 0, `${entry} promises nothing`)
        const code = `console.log(JSON.stringify(Object.keys(await import('${join(name, entry)}')).sort()))`
        for (const [line, node] of lines) {
          // node:sqlite is not in Node 20, as the README says
          if (entry === './sqlite' && line < 22) continue
          const { out, err } = await run(['--input-type=module', '--eval', code], { cwd: app, node })
          assert.deepEqual(JSON.parse(out || '[]'), promised, `${name} ${entry} on Node ${line}: ${err}`)
        }
      }
    })
  }
})

describe('the READMEs', () => {
  test('their programs pass a strict type check against the tarballs, and nothing but them', async () => {
    const folder = join(app, 'readme')
    mkdirSync(folder)
    writeFileSync(join(folder, 'app.ts'), APP_OF_THE_READER)
    writeFileSync(join(folder, 'around.d.ts'), AROUND)
    for (const name of PACKAGES) {
      const programs = programsOf(readmeOf(name))
      assert.ok(programs.length > 0, `the README of ${name} shows no program`)
      for (const [i, code] of programs.entries())
        writeFileSync(join(folder, `${name.replace(/\W/g, '')}-${i}.ts`), code)
    }
    const files = readdirSync(folder).map((file) => join(folder, file))
    const { code, out } = await tsc([...STRICT, '--noEmit', '--allowImportingTsExtensions', ...files])
    assert.equal(code, 0, out)
  })

  test('the first README needs fewer than 15 lines for a protected server and a call of it', () => {
    const lines = startFiles()
      .filter(({ language }) => language === 'ts')
      .map(({ code }) => linesOfCode(code))
    assert.equal(lines.length, 2)
    assert.ok(lines.reduce((sum, n) => sum + n) < 15, `${lines.join(' + ')} lines`)
  })
})

describe('the command from its tarball', () => {
  test('refuses a Node that it does not name in one sentence', async () => {
    const allowed = allowedBy(readManifest(folderOf('permitry')).engines?.node ?? '', nodes).map(([line]) => line)
    const refused = [...nodes.keys()].filter((line) => !allowed.includes(line))
    assert.ok(refused.length > 0 && allowed.length >= 2)
    for (const line of refused) {
      const { code, err } = await run([join(app, 'node_modules/permitry/dist/main.js'), 'keys', 'list'], {
        cwd: app,
        node: nodes.get(line)!,
      })
      assert.equal(code, 1)
      assert.match(err, /^permitry: needs Node 24\.7 or newer, this is [\d.]+: .*\n$/)
    }
  })

  for (const line of [24, 26]) {
    test(`serves, applies and lists keys in a fresh folder on Node ${line}, and finds its style sheet and workers`, async () => {
      await using served = await serveFrom(app, nodes.get(line)!)
      for (const [command, said] of [
        [['apply', '--dry-run'], /nothing/i],
        [['keys', 'list'], /ES256/],
        // reads the database in a worker
        [['audit', 'export'], /config|user|subject/i],
      ] as const) {
        const { code, out, err } = await served.permitry(...command)
        assert.equal(code, 0, err)
        assert.match(out, said)
      }
      await served.checkPages()
      await served.checkLogos()
    })
  }

  test('`dev` reads the tools of a server and proposes scopes, and `protect` stands in front of it', async () => {
    const listener = getRequestListener((request) => bareNotes.fetch(request))
    const upstream = createServer((request, response) => void listener(request, response)).listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/mcp`
    const folder = mkdtempSync(join(app, 'dev-'))
    const [port, gatewayPort] = [await freePort(), await freePort()]
    const program = join(app, 'node_modules/permitry/dist/main.js')
    writeFileSync(
      join(folder, 'rules.yaml'),
      rulesFor(`http://localhost:${port}`, `http://localhost:${gatewayPort}/mcp`),
    )
    const where = { cwd: folder, env: { PERMITRY_PORT: String(port), PERMITRY_GATEWAY_PORT: String(gatewayPort) } }
    const dev = start([program, 'dev', '--server', url], where)
    const protect = start([program, 'protect', '--config', 'rules.yaml', '--upstream', url], where)
    const ended = Promise.all([once(dev, 'close'), once(protect, 'close')])
    try {
      await Promise.all([waitForLine(dev, /list_notes: 'note:read'/), waitForLine(protect, /"msg":"ready"/)])
      const refused = await fetch(`http://localhost:${gatewayPort}/mcp`, { method: 'POST', body: '{}' })
      assert.match(refused.headers.get('www-authenticate') ?? '', /^Bearer scope="note:read"/)
    } finally {
      dev.kill('SIGTERM')
      protect.kill('SIGTERM')
      await ended
      upstream.closeAllConnections()
      upstream.close()
    }
  })

  test('with the guard and the client of the tarballs, on every Node that they name, Ada reads her notes', async () => {
    const { code, out } = await tsc([...STRICT, '--outDir', 'start/built', 'start/server.ts', 'start/call.ts'])
    assert.equal(code, 0, out)
    await using served = await serveFrom(app, process.execPath)
    for (const [line, node] of allowedBy(readManifest(folderOf('@permitry/guard')).engines?.node ?? '', nodes)) {
      const answer = await served.call(node)
      assert.match(answer.out, /status: 'done'[^]*Buy milk/, `on Node ${line}: ${answer.out}${answer.err}`)
    }
  })
})

describe('a check that saw nothing would be green, so', () => {
  const damaged = (name: string, damage: (folder: string) => void): string => {
    const folder = join(work, 'damaged', name.replace(/\W/g, ''), String(Math.random()))
    cpSync(folderOf(name), folder, { recursive: true })
    damage(folder)
    return folder
  }

  test('a file that is left out of a tarball is missed', () => {
    for (const name of PACKAGES) {
      const files = readdirSync(folderOf(name), { recursive: true, encoding: 'utf8' })
      const required = files.filter((file) => file !== 'package.json' && statSync(join(folderOf(name), file)).isFile())
      assert.ok(required.length >= 5)
      for (const file of required) {
        const folder = damaged(name, (where) => rmSync(join(where, file)))
        assert.notDeepEqual(findTarballFaults(folder, ROOT), [], `${name} without ${file} is taken`)
      }
    }
  })

  test('a source map, a source, a stray file, a path of this machine and a forgotten dependency are seen', () => {
    const write = (file: string, text: string) => (folder: string) => {
      mkdirSync(join(folder, 'src'), { recursive: true })
      writeFileSync(join(folder, file), text, { flag: 'a' })
    }
    for (const [damage, complaint] of [
      [write('dist/index.js.map', '{}'), /not meant/],
      [write('src/index.ts', 'export {}'), /not meant/],
      [write('dist/stray.js', 'export {}'), /nothing asks for it/],
      [write('dist/index.js', `\n// ${ROOT}/packages`), /says/],
      [write('dist/index.js', "\nimport 'left-pad'"), /imports left-pad/],
    ] as const)
      assert.match(findTarballFaults(damaged('@permitry/guard', damage), ROOT).join('\n'), complaint)
  })

  test('a type that lies is found by the type check of the README, and one that promises too much by the values', async () => {
    const installed = join(app, 'node_modules/@permitry/guard/dist')
    const promise = 'defaultScopes: readonly string[]'
    const [file = ''] = readdirSync(installed)
      .filter((name) => name.endsWith('.d.ts'))
      .filter((name) => readFileSync(join(installed, name), 'utf8').includes(promise))
    const honest = readFileSync(join(installed, file), 'utf8')
    const lying = honest.replaceAll(promise, 'defaultScopes: readonly number[]')
    assert.notEqual(lying, honest)
    writeFileSync(join(installed, file), lying)
    try {
      const { code, out } = await tsc([...STRICT, '--noEmit', 'start/server.ts'])
      assert.notEqual(code, 0)
      assert.match(out, /server\.ts/)
    } finally {
      writeFileSync(join(installed, file), honest)
    }
    assert.deepEqual(promisedValues('export { type A, guard, b as openDoor };'), ['guard', 'openDoor'])
  })
})

/** A server that nobody protects. */
const bareNotes = createMcpHandler(() => {
  const server = new McpServer({ name: 'notes', version: '1.0.0' })
  server.registerTool('list_notes', {}, () => ({ content: [] }))
  return server
})

const rulesFor = (issuer: string, resource: string): string => `version: 1
issuer: ${issuer}
upstreams:
  - { id: notes, resource: '${resource}', default_scopes: ['note:read'], tools: { list_notes: { scopes: ['note:read'] } } }
`

/** What the README of the client imports from its reader's own app. */
const APP_OF_THE_READER = `import type { Context } from 'hono'
export const config = { issuer: '', clientSecret: '', internalOrigins: [''], file: '', key: new Uint8Array(32), server: '' }
export const sessionOf = (c: Context): { user: string; secret: string } => ({ user: c.req.path, secret: '' })
`

/** What the shorter programs of the guard's README go on from. */
const AROUND = `declare const app: import('express').Express
declare const protect: import('@permitry/guard').Protect
declare const transport: { handleRequest(req: import('node:http').IncomingMessage, res: object, body: unknown): void }
`
