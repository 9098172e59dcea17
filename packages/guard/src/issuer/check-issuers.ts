import { checkIssuer } from '@permitry/oauth'
import { isRecord } from '../message.ts'
import type { IssuerOptions } from './options.ts'

const KEYS: Readonly<Record<keyof IssuerOptions, true>> = {
  issuer: true,
  credential: true,
  opaqueTokens: true,
  guardApi: true,
}
const CREDENTIAL_KEYS = ['issuer', 'client_id', 'private_key']

/** Faults of the issuers, each with what to write instead. Nothing is taken for granted: they may come from a file. */
export function* checkIssuers(first: IssuerOptions, others: unknown): Generator<string, void> {
  yield* checkOne('', first)
  if (others === undefined) return
  if (!Array.isArray(others)) {
    yield '`otherIssuers` must be a list, such as `[{ issuer: "https://login.example.com" }]`'
    return
  }
  const seen = new Set<unknown>([first.issuer])
  for (const [index, other] of others.entries()) {
    const where = `otherIssuers[${index}]`
    if (!isRecord(other)) {
      yield `\`${where}\` must be an object with \`issuer\``
      continue
    }
    for (const key of Object.keys(other)) {
      if (!Object.hasOwn(KEYS, key)) yield `\`${where}.${key}\` is not known: there are ${Object.keys(KEYS).join(', ')}`
    }
    yield* checkOne(`${where}.`, other)
    if (seen.has(other['issuer'])) yield `\`${where}.issuer\`: this issuer is there already`
    seen.add(other['issuer'])
  }
  if ([first, ...(others as unknown[])].filter((one) => isRecord(one) && one['opaqueTokens'] === true).length > 1) {
    yield '`opaqueTokens` is for one issuer: a token that is not signed does not say whose it is'
  }
}

type Unchecked = { readonly [key in keyof IssuerOptions]?: unknown }

function* checkOne(where: string, { issuer, credential, opaqueTokens, guardApi }: Unchecked): Generator<string, void> {
  const fault = typeof issuer === 'string' ? checkIssuer(issuer) : 'the issuer must be an absolute https URL'
  if (fault !== undefined) yield `\`${where}issuer\`: ${fault}`
  if (opaqueTokens !== undefined && typeof opaqueTokens !== 'boolean')
    yield `\`${where}opaqueTokens\` must be true or false`
  if (guardApi !== undefined && typeof guardApi !== 'boolean') yield `\`${where}guardApi\` must be true or false`
  if (opaqueTokens === true && credential === undefined) {
    yield `\`${where}opaqueTokens\` needs \`${where}credential\`, as which the issuer is asked`
  }
  if (credential !== undefined) yield* checkCredential(`${where}credential`, credential, issuer)
}

function* checkCredential(where: string, credential: unknown, issuer: unknown): Generator<string, void> {
  if (!isRecord(credential)) {
    yield `\`${where}\` must be an object with \`client_id\` and \`private_key\`: what \`permitry server credential\` writes`
    return
  }
  for (const key of Object.keys(credential)) {
    if (!CREDENTIAL_KEYS.includes(key))
      yield `\`${where}.${key}\` is not known: there are ${CREDENTIAL_KEYS.join(', ')}`
  }
  const { issuer: named, client_id, private_key } = credential
  if (named !== undefined && named !== issuer) yield `\`${where}\` belongs to another issuer`
  if (typeof client_id !== 'string' || client_id === '') yield `\`${where}.client_id\` must be a text`
  const isKey =
    isRecord(private_key) && ['kty', 'kid', 'alg', 'd'].every((name) => typeof private_key[name] === 'string')
  if (!isKey) yield `\`${where}.private_key\` must be a private JWK with \`kid\` and \`alg\``
}
