import { isLoopbackHost, sameResource } from '@permitry/oauth'
import { checkUrl } from '@permitry/oauth/address'
import type { Config, RegisteredClient } from '@permitry/server'
import { checkArrival } from './check-arrival.ts'
import { checkAuthorizationServer } from './check-issuer.ts'
import { checkResource } from './check-resource.ts'
import { about, type Finding } from './finding.ts'
import { isAnswer, type Probe } from './probe.ts'
import { jsonObject, textOf } from './read-json.ts'

export interface DoctorWorld {
  readonly probe: Probe
  readonly now: number
  /** Of our own server; undefined where there is none, or when only a foreign server is looked at. */
  readonly config: Pick<Config, 'issuer' | 'servers'> | undefined
  readonly masterKey: Uint8Array | undefined
  readonly clients: readonly RegisteredClient[]
}

/** Looks at our own server with all its MCP servers, or at one address, ours or not. */
export async function examine(url: string | undefined, world: DoctorWorld): Promise<Finding[]> {
  const { config } = world
  if (url === undefined) return config ? await examineAll(config, world) : []
  if (config?.issuer === url) return await examineIssuer(url, world)
  const own = config?.servers.find(({ urls, identifier }) =>
    [identifier, ...urls].some((one) => sameResource(one, url)),
  )
  if (config && own) return [...spellings(url, own), ...(await examineServers([url], config.issuer, world))]
  if (await isIssuer(url, world.probe))
    return await checkAuthorizationServer(url, { ...world, own: false, mayAsk: mayAskFrom(url) })
  return await examineForeign(url, world)
}

async function examineAll(
  { issuer, servers }: NonNullable<DoctorWorld['config']>,
  world: DoctorWorld,
): Promise<Finding[]> {
  const urls = servers.flatMap((server) => [...server.urls, server.identifier].filter((one) => /^https?:/i.test(one)))
  return [
    ...(await examineIssuer(issuer, world)),
    ...world.clients.flatMap(checkLoopback),
    ...(await examineServers(urls, issuer, world)),
  ]
}

async function examineIssuer(issuer: string, world: DoctorWorld): Promise<Finding[]> {
  const findings = await checkAuthorizationServer(issuer, { ...world, own: true, mayAsk: () => true })
  const isThere = findings.some(({ check, status }) => check === 'metadata' && status === 'ok')
  if (!isThere) return findings
  const { masterKey, probe, now } = world
  const proxy = masterKey
    ? await checkArrival(issuer, probe, masterKey, now)
    : about('proxy', issuer).warn('was not looked at', 'run doctor where the master key of this server is')
  return [...findings, proxy]
}

async function examineServers(urls: readonly string[], issuer: string, world: DoctorWorld): Promise<Finding[]> {
  const checked = await Promise.all(
    urls.map((url) => checkResource(url, { ...world, issuer, mayAsk: mayAskFrom(url) })),
  )
  return checked.flatMap(({ findings }) => findings)
}

async function examineForeign(url: string, world: DoctorWorld): Promise<Finding[]> {
  const mayAsk = mayAskFrom(url)
  const { findings, authorizationServers } = await checkResource(url, { ...world, issuer: undefined, mayAsk })
  const checked = authorizationServers
    .filter(mayAsk)
    .map((issuer) => checkAuthorizationServer(issuer, { ...world, own: false, mayAsk }))
  const hidden = authorizationServers
    .filter((issuer) => !mayAsk(issuer))
    .map((issuer) =>
      about('authorization servers', url).fail(`\`${issuer}\` is no address on the public internet`, 'use https there'),
    )
  return [...findings, ...hidden, ...(await Promise.all(checked)).flat()]
}

/** A name of ours that is spelled otherwise leads to tokens, and clients still compare the metadata byte for byte. */
function spellings(url: string, server: { readonly identifier: string; readonly urls: readonly string[] }): Finding[] {
  return [server.identifier, ...server.urls].includes(url)
    ? [about('registered', url).ok('this address is registered')]
    : [
        about('registered', url).warn(
          'is registered in another spelling',
          'give people the address as it is registered',
        ),
      ]
}

/** RFC 8252 §7.3: any port on loopback, for native clients only. */
function checkLoopback({ id, applicationType, redirectUris }: RegisteredClient): Finding[] {
  const loopback = redirectUris.filter((uri) => URL.canParse(uri) && isLoopbackHost(new URL(uri).hostname))
  if (loopback.length === 0) return []
  const check = about('loopback ports', id)
  return applicationType === 'native'
    ? [check.ok('comes back at any port of its loopback address')]
    : [
        check.warn(
          `is \`type: web\`, so only ${loopback.join(', ')} fits, with this very port`,
          'set `type: native` if it is an application on the machines of its users',
        ),
      ]
}

async function isIssuer(url: string, probe: Probe): Promise<boolean> {
  const base = url.replace(/\/+$/, '')
  const found = await probe(`${base}/.well-known/openid-configuration`)
  const answer =
    isAnswer(found) && found.status === 200 ? found : await probe(`${base}/.well-known/oauth-authorization-server`)
  return isAnswer(answer) && answer.status === 200 && textOf(jsonObject(answer.body)?.['issuer']) !== undefined
}

/** What a document of a stranger names is asked only where a client would go: not into the network of the operator. */
function mayAskFrom(url: string): (found: string) => boolean {
  const { origin, hostname } = new URL(url)
  const policy = { allowLoopback: isLoopbackHost(hostname), allowOrigins: [origin] }
  return (found) => checkUrl(found, policy) === undefined
}
