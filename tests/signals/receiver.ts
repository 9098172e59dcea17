// A receiver that does by hand what a guard does, one request at a time.
import assert from 'node:assert/strict'
import { guardToken, type ServerCredential } from '@permitry/testkit'
import { createRemoteJWKSet, jwtVerify } from 'jose'

export interface Told {
  readonly jti: string
  readonly type: string
  readonly subject: Readonly<Record<string, string>>
  readonly payload: Readonly<Record<string, unknown>>
}

export interface Polled {
  readonly status: number
  readonly told: readonly Told[]
  readonly moreAvailable: boolean
  /** SETs as they came, by `jti`. */
  readonly sets: Readonly<Record<string, string>>
}

interface Poll {
  readonly ack?: readonly string[]
  readonly setErrs?: Readonly<Record<string, { err: string }>>
  readonly maxEvents?: number
  readonly returnImmediately?: boolean
}

/** The guard API with one token. */
export class Receiver {
  readonly credential: ServerCredential
  readonly token: string
  streamId = ''

  private constructor(credential: ServerCredential, token: string) {
    this.credential = credential
    this.token = token
  }

  /** With a stream of its own, of which the snapshot is read and acknowledged. */
  static async connect(credential: ServerCredential, now?: number): Promise<Receiver> {
    const receiver = await Receiver.withToken(credential, now)
    await receiver.open()
    await receiver.drain()
    return receiver
  }

  static async withToken(credential: ServerCredential, now?: number): Promise<Receiver> {
    return new Receiver(credential, await guardToken(credential, now === undefined ? {} : { now }))
  }

  send(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${this.credential.issuer}/guard/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }

  async open(wanted: object = { delivery: { method: 'urn:ietf:rfc:8936' } }): Promise<Record<string, unknown>> {
    const response = await this.send('POST', 'streams', wanted)
    assert.equal(response.status, 201)
    const configuration = (await response.json()) as Record<string, unknown>
    this.streamId = String(configuration['stream_id'])
    return configuration
  }

  async poll(request: Poll = {}): Promise<Polled> {
    const response = await this.send('POST', `streams/${this.streamId}/events`, request)
    if (response.status !== 200) {
      await response.body?.cancel()
      return { status: response.status, told: [], moreAvailable: false, sets: {} }
    }
    const body = (await response.json()) as { sets: Record<string, string>; moreAvailable: boolean }
    const told = await Promise.all(Object.values(body.sets).map((set) => this.verify(set)))
    return { status: 200, told, moreAvailable: body.moreAvailable, sets: body.sets }
  }

  /** Reads and acknowledges until there is nothing more. */
  async drain(): Promise<readonly Told[]> {
    const all: Told[] = []
    for (let ack: string[] = []; ;) {
      const { told } = await this.poll({ ack, returnImmediately: true })
      if (told.length === 0) return all
      all.push(...told)
      ack = told.map(({ jti }) => jti)
    }
  }

  /** Verifies a SET as SSF 1.0 and RFC 8417 want it. */
  async verify(set: string): Promise<Told> {
    const { issuer, client_id } = this.credential
    const configuration = await fetch(new URL('/.well-known/ssf-configuration', issuer).href + tenantPath(issuer))
    const { jwks_uri } = (await configuration.json()) as { jwks_uri: string }
    const { payload } = await jwtVerify(set, createRemoteJWKSet(new URL(jwks_uri)), {
      issuer,
      audience: client_id,
      typ: 'secevent+jwt',
      algorithms: ['ES256'],
      requiredClaims: ['iat', 'jti', 'sub_id', 'events'],
    })
    assert.deepEqual([payload.sub, payload.exp], [undefined, undefined], 'SSF 1.0 §10.1')
    const [[type, event] = ['', {}], ...others] = Object.entries(payload['events'] as Record<string, object>)
    assert.equal(others.length, 0)
    return {
      jti: String(payload.jti),
      type,
      subject: payload['sub_id'] as Record<string, string>,
      payload: event as Record<string, unknown>,
    }
  }
}

function tenantPath(issuer: string): string {
  return new URL(issuer).pathname.replace(/^\/$/, '')
}
