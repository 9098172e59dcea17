import { about, type Finding } from './finding.ts'
import { type Answer, isAnswer, type NoAnswer } from './probe.ts'

const DAY = 24 * 3_600_000
const ENDS_SOON_DAYS = 21
/** Tokens carry times in seconds, and whoever checks them forgives a few. */
const SKEW_WARN_SECONDS = 10
const SKEW_FAIL_SECONDS = 60

/** Whether a host can be reached at all, its certificate and its clock, all from one question to it. */
export function checkTransport(url: string, probed: Answer | NoAnswer, now: number): Finding[] {
  const { origin } = new URL(url)
  const isSecure = url.startsWith('https:')
  if (!isAnswer(probed)) return [noAnswer(origin, isSecure, probed)]
  return [...(isSecure ? [checkCertificate(origin, probed, now)] : []), checkClock(origin, probed)]
}

const CERTIFICATE_FAULTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'renew the certificate, and look why that did not happen by itself',
  CERT_NOT_YET_VALID: 'the certificate begins in the future: look at the clock of this machine, or wait',
  ERR_TLS_CERT_ALTNAME_INVALID: 'get a certificate for this very host name',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'clients do not trust a self-signed certificate: get one from an authority that they know',
  SELF_SIGNED_CERT_IN_CHAIN:
    'clients do not know this authority: get a certificate from one that they know, or give --ca if yours is meant',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'send the intermediate certificates too (the full chain)',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'send the intermediate certificates too (the full chain), or give --ca if the authority is your own',
}

function noAnswer(origin: string, isSecure: boolean, { code, detail }: NoAnswer): Finding {
  const fix = Object.hasOwn(CERTIFICATE_FAULTS, code) ? CERTIFICATE_FAULTS[code] : undefined
  if (fix !== undefined) return about('tls', origin).fail(`${detail} (${code})`, fix)
  if (isSecure && /^(?:ERR_SSL|ERR_TLS|EPROTO)/.test(code))
    return about('tls', origin).fail(
      `${detail.split('\n', 1)[0]} (${code})`,
      'something that speaks no TLS listens there',
    )
  return about('reachable', origin).fail(`${detail} (${code})`, 'check the name, the port, the proxy and the firewall')
}

function checkCertificate(origin: string, { certificateEndsAt }: Answer, now: number): Finding {
  const days = Math.floor(((certificateEndsAt ?? now) - now) / DAY)
  const seen = `the chain is good, and the certificate ends in ${days} days`
  return days < ENDS_SOON_DAYS
    ? about('tls', origin).warn(seen, 'look whether it is renewed by itself')
    : about('tls', origin).ok(seen)
}

function checkClock(origin: string, { headers, sentAt, receivedAt }: Answer): Finding {
  const check = about('clock', origin)
  const date = Date.parse(headers.get('date') ?? '')
  if (Number.isNaN(date)) return check.warn('its answers have no Date', 'let the proxy pass the Date header on')
  // Date has whole seconds, and is from somewhere between question and answer.
  const behind = Math.max(0, sentAt - (date + 999))
  const ahead = Math.max(0, date - receivedAt)
  const seconds = Math.round(Math.max(behind, ahead) / 1000)
  const seen = `its clock is ${seconds} seconds ${ahead > 0 ? 'ahead of' : 'behind'} the one of this machine`
  const fix = 'set both clocks by NTP: tokens are refused as too old or not valid yet'
  if (seconds >= SKEW_FAIL_SECONDS) return check.fail(seen, fix)
  return seconds >= SKEW_WARN_SECONDS ? check.warn(seen, fix) : check.ok('agrees with the one of this machine')
}
