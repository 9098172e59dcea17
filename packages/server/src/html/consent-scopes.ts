import { name, sentence } from './display-text.ts'
import { html, type Html } from './markup.ts'
import type { ConsentView, IdentityScopeView, ScopeNewsView, ScopeRisk, ScopeView, ToolView } from './views.ts'
import { count } from './wording.ts'

const TOOLS_SHOWN = 6

/** What can be ticked: new scopes, those that an earlier answer allowed, and what concerns the person. */
export function scopeGroups(view: ConsentView): Html {
  const asked = view.scopes.filter((scope) => !scope.alreadyGranted)
  const granted = view.scopes.filter((scope) => scope.alreadyGranted)
  return html`${group(granted.length > 0 ? 'If you allow this, it can also' : 'If you allow this, it can', asked)}
  ${group('It can already', granted)} ${group('It learns about you', view.identityScopes)}`
}

/** What was asked for and stays closed, with the reason and who can change it. */
export function withheldScopes({ withheld, tenantName }: ConsentView): Html | undefined {
  if (withheld.length === 0) return undefined
  return html`<section>
    <h2 class="legend">It asked for this, but will not get it</h2>
    <ul class="scopes withheld">
      ${withheld.map(
        (scope) =>
          html`<li class="scope">
            <span class="closed" aria-hidden="true"></span>
            <span class="label">${name(scope.title)}</span>
            <span class="tag">Not in your role</span>
            <p class="about">
              ${scope.roleHint ? html`The role ${name(scope.roleHint)} includes it` : 'Your role does not include it'}.
              If you need it, ask the administrator${tenantName && html` of ${name(tenantName)}`}.
            </p>
          </li>`,
      )}
    </ul>
  </section>`
}

/** The id of a scope's checkbox. */
export function scopeId({ name }: Pick<ScopeView, 'name'>): string {
  return `scope-${name}`
}

/** Checkboxes under a legend; nothing where there are none. */
export function group(legend: string, scopes: (ScopeView | IdentityScopeView)[]): Html | undefined {
  if (scopes.length === 0) return undefined
  return html`<fieldset>
    <legend class="legend">${legend}</legend>
    <div class="scopes">${scopes.map(scopeRow)}</div>
  </fieldset>`
}

function scopeRow(scope: ScopeView | IdentityScopeView): Html {
  const id = scopeId(scope)
  const about = `${id}-about`
  // A disabled checkbox is not sent, so a required scope travels in a field of its own.
  return html`<div class="scope">
    ${scope.required && html`<input type="hidden" name="scope" value="${scope.name}" />`}
    <input
      type="checkbox"
      id="${id}"
      aria-describedby="${about}"
      checked
      ${scope.required ? 'disabled' : html`name="scope" value="${scope.name}"`}
    />
    <label class="label" for="${id}">${name(scope.title)}</label>
    ${'risk' in scope && riskTag(scope.risk)} ${scope.required && html`<span class="tag">Always included</span>`}
    <div class="about" id="${about}">
      ${scope.description && html`<p>${sentence(scope.description)}</p>`} ${'tools' in scope && toolList(scope.tools)}
      ${'news' in scope && scope.news && newsList(scope.news)}
    </div>
  </div>`
}

function riskTag(risk: ScopeRisk): Html {
  switch (risk) {
    case 'read':
      return html`<span class="tag good">Reads</span>`
    case 'write':
      return html`<span class="tag caution">Changes</span>`
    case 'destructive':
      return html`<span class="tag danger">Can delete</span>`
  }
}

function toolList(tools: ToolView[]): Html | undefined {
  if (tools.length === 0) return undefined
  const rest = tools.slice(TOOLS_SHOWN)
  return html`<ul class="tools" aria-label="Tools">
      ${tools.slice(0, TOOLS_SHOWN).map(toolItem)}
    </ul>
    ${
      rest.length > 0 &&
      html`<details>
        <summary>${count(rest.length, 'more tool')}</summary>
        <ul class="tools" aria-label="More tools">
          ${rest.map(toolItem)}
        </ul>
      </details>`
    }`
}

function toolItem(tool: ToolView): Html {
  return html`<li>${name(tool.title || tool.name)}</li>`
}

/** What a returning person did not agree to yet. Titles are the MCP server's: bold, so that none can pass for a sentence of ours. */
function newsList({ opens, riskier, renamed, redescribed, isReworded }: ScopeNewsView): Html {
  return html`<section class="news" aria-label="New since you allowed this">
    <p class="since">New since you allowed this</p>
    <ul>
      ${isReworded && html`<li>This permission is described in other words now. Read it again.</li>`}
      ${few(opens, (title) => html`<li>It opens <b>${name(title)}</b>.</li>`)}
      ${few(riskier, ({ title, now }) => html`<li><b>${name(title)}</b> ${RISKS[now]}, which it did not say before.</li>`)}
      ${few(renamed, ({ before, after }) => html`<li><b>${name(before)}</b> is now called <b>${name(after)}</b>.</li>`)}
      ${few(redescribed, (title) => html`<li><b>${name(title)}</b> describes itself to the application in other words.</li>`)}
    </ul>
  </section>`
}

const RISKS = { changes: 'says that it changes things', deletes: 'says that it may delete things' } as const

/** A server could bring hundreds of news; those that are left out are counted. */
function few<T>(all: readonly T[], item: (one: T) => Html): Html | undefined {
  if (all.length === 0) return undefined
  const rest = all.length - TOOLS_SHOWN
  return html`${all.slice(0, TOOLS_SHOWN).map(item)} ${rest > 0 && html`<li>And ${count(rest, 'more')}.</li>`}`
}
