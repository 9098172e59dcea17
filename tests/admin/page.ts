// docs/reference/admin-api.md, as the contract says it.
import { needsPrecondition, type Operation, operations, PROBLEMS, problemType } from '@permitry/admin-api'

export const PAGE = new URL('../../docs/reference/admin-api.md', import.meta.url)

const HEAD = `# The admin API

Everything that the console and the command line do. This page is generated from the contract (\`npm run admin:page\`); the same contract as
OpenAPI 3.1 is served at \`{issuer}/admin/openapi.json\`.

- Paths are below \`{issuer}/admin/v1\`. A tenant has its own: \`{issuer}/t/{tenant}/admin/v1\`.
- Access tokens are bearer tokens for the resource \`{issuer}/admin\`. No client that registered itself gets one. What a token may do is read
  from the database at each request; the \`write\` of an area implies its \`read\`.
- **Recent login**: the token's \`auth_time\` must not be older than 15 minutes. Otherwise the answer is 401 with
  \`error="insufficient_user_authentication"\` and \`max_age="900"\` (RFC 9470). An agent never signs in, so that these are not for agents.
- **Version**: a read answers with an \`ETag\`, and a change must name it as \`If-Match\`; a PUT that makes something new says \`If-None-Match: *\`.
  Without either the answer is 428, and 412 when somebody changed the thing meanwhile.
- **Lists** take \`limit\` (1 to 200, 50 when left out) and \`cursor\`, and answer \`{ "items": […], "next_cursor": … }\`.
- A POST may carry an \`Idempotency-Key\`. Repeated by the same person within 24 hours it is answered as before and done once; what is shown
  once, such as a secret, is left out of the repeated answer. The same key with another request is refused.
- Bodies are JSON of at most 64 kB without unknown fields. Refusals are problems (RFC 9457); \`errors\` has all faults at once.
`

/** The page for what the contract has now. */
export function toPage(): string {
  const areas = Map.groupBy<string, Operation>(operations, ({ id }) => id.split('.')[0] ?? '')
  const sections = [...areas].map(([area, all]) => `## ${area}\n\n${table(all)}\n`)
  return `${HEAD}\n${sections.join('\n')}\n## Problems\n\n${problems()}\n`
}

function table(all: readonly Operation[]): string {
  const rows = all.map(
    (operation) =>
      `| \`${operation.id}\` | \`${operation.method} ${operation.path}\` | \`${operation.scope}\` | ${needs(operation)} | ${operation.summary} |`,
  )
  return ['| operation | request | scope | needs | what it does |', '| --- | --- | --- | --- | --- |', ...rows].join(
    '\n',
  )
}

function needs(operation: Operation): string {
  const parts = [operation.sensitive && 'recent login', needsPrecondition(operation) && 'version']
  return parts.filter((part) => part !== undefined && part !== false).join(', ')
}

function problems(): string {
  const rows = Object.entries(PROBLEMS).map(
    ([kind, { status, title }]) => `| \`${problemType(kind as keyof typeof PROBLEMS)}\` | ${status} | ${title} |`,
  )
  return ['| type | status | what it means |', '| --- | --- | --- |', ...rows].join('\n')
}
