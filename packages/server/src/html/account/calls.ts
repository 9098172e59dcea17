import { address, name } from '../display-text.ts'
import { html, type Html } from '../markup.ts'
import { minuteInWords } from '../wording.ts'
import type { CallView } from './views.ts'

/** What a guard's reason means to the person in whose name the call was made. */
const REASONS: Readonly<Record<string, string>> = {
  rule_missing: 'The server has no rule for it, and what has no rule is refused.',
  scope_missing: 'You have not allowed this to the application. It may ask you for it.',
  entitlements_unknown: 'You have not allowed this to the application.',
  not_entitled: 'Your role does not include it, or the application may not ask for it.',
  acr_too_low: 'It needs a stronger way to sign in than the one that you used.',
  login_too_old: 'It needs you to have signed in more recently.',
  arguments_invalid: 'The application asked in a way that the server does not take.',
  arguments_refused: 'The rule does not allow what it asked for.',
  object_absent: 'What it asked about does not exist.',
  object_refused: 'What it asked about is not yours to use.',
}

const OUTCOMES: Readonly<Record<string, string>> = {
  challenge: 'Refused for now.',
  step_up: 'Refused until you sign in again.',
  never: 'Refused, and again until your roles change.',
  refuse: 'Refused for what it asked about.',
  error: 'Refused, since it could not be decided.',
}

/** Calls, the newest first. */
export function callList(calls: readonly CallView[]): Html {
  return html`<ol class="rows calls">
    ${calls.map(
      (call) =>
        html`<li>
          <p class="line"><b>${name(call.title)}</b> ${outcomeTag(call)}</p>
          <p class="aside">
            ${name(call.clientName)} at ${name(call.serverName)}, <time>${minuteInWords(call.at)}</time>
          </p>
          <p class="aside">
            ${kindInWords(call.kind)} ${address(call.name)}${call.object && html` on ${address(call.object)}`}
          </p>
          ${
            !call.allowed &&
            html`<p class="why">
                ${[OUTCOMES[call.outcome] ?? 'Refused.', ...call.reasons.map(reasonInWords)].join(' ')}
              </p>
              <p class="aside">If you ask for help, give this number: ${address(call.decisionId)}</p>`
          }
        </li>`,
    )}
  </ol>`
}

/** The newest call in one line. */
export function lastCall(call: CallView): Html {
  return html`${name(call.title)} ${outcomeTag(call)}
    <p><time>${minuteInWords(call.at)}</time></p>`
}

function outcomeTag({ allowed }: CallView): Html {
  return allowed ? html`<span class="tag good">Allowed</span>` : html`<span class="tag danger">Refused</span>`
}

function reasonInWords(reason: string): string {
  return REASONS[reason] ?? `The server gives the reason “${reason}”.`
}

function kindInWords(kind: CallView['kind']): string {
  return { tool: 'Tool', prompt: 'Prompt', resource: 'Resource' }[kind]
}
