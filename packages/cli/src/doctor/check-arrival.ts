import { isLoopbackHost } from '@permitry/oauth'
import { type Arrival, ARRIVAL_PATH, arrivalCredential } from '@permitry/server'
import { about, type Finding } from './finding.ts'
import { isAnswer, type Probe } from './probe.ts'
import { jsonObject } from './read-json.ts'

/** An address of a documentation range, which nobody has. */
const FORGED = '203.0.113.77'

/** Asks the server through its public address how the question arrived: whose address it takes for the client's. */
export async function checkArrival(issuer: string, probe: Probe, masterKey: Uint8Array, now: number): Promise<Finding> {
  const check = about('proxy', issuer)
  const headers = { authorization: arrivalCredential(masterKey, now) }
  const plain = await ask(issuer, probe, headers)
  const forged = await ask(issuer, probe, { ...headers, 'x-forwarded-for': FORGED })
  if (!plain || !forged)
    return check.warn(
      'the server does not say how requests arrive',
      'let the proxy pass Authorization on, and run doctor with the master key of this server',
    )
  return judgeArrival(issuer, plain, forged)
}

/** `plain` was sent without a forwarding header, `forged` with one that a client made up. */
export function judgeArrival(issuer: string, plain: Arrival, forged: Arrival): Finding {
  const check = about('proxy', issuer)
  const proxy = plain.remote_address ?? 'unknown'
  const isForwarded = plain.forwarded !== undefined || plain.x_forwarded_for !== undefined
  const seen = `requests come from ${proxy}, and ${plain.client_address} counts as the client`
  if (forged.client_address === FORGED && plain.client_address !== FORGED)
    return check.fail(
      'whoever calls may choose the address that counts: a made-up X-Forwarded-For is believed',
      `let the proxy replace or append X-Forwarded-For, and name under \`trusted_proxies\` nothing but the proxy`,
    )
  if (isForwarded && !plain.from_trusted_proxy)
    return check.fail(
      `${seen}: the proxy is not trusted, so everybody has its address, and one person’s wrong passwords slow all down`,
      `write \`trusted_proxies: ['${proxy}']\` in permitry.yaml`,
    )
  const isBehindTls = new URL(issuer).protocol === 'https:'
  if (!isForwarded && isBehindTls)
    return check.fail(
      `${seen}: the proxy does not say for whom it calls`,
      `let it send X-Forwarded-For, and write \`trusted_proxies: ['${proxy}']\` in permitry.yaml`,
    )
  if (isBehindTls && plain.x_forwarded_proto === 'http')
    return check.warn(`${seen}; the proxy says that it was called by http`, 'let the proxy redirect http to https')
  if (isForwarded && plain.client_address === proxy)
    return check.warn(`${seen}: the proxy sends no usable address`, 'let it send the address of the client')
  if (!isForwarded && !isLoopbackHost(new URL(issuer).hostname))
    return check.warn(seen, 'put a proxy with TLS in front')
  return check.ok(seen)
}

async function ask(issuer: string, probe: Probe, headers: Record<string, string>): Promise<Arrival | undefined> {
  const answer = await probe(`${issuer}${ARRIVAL_PATH}`, { headers })
  const found = isAnswer(answer) && answer.status === 200 ? jsonObject(answer.body) : undefined
  return found && typeof found['client_address'] === 'string' ? (found as unknown as Arrival) : undefined
}
