import type { Field, ScopeInWords } from '../../src/wire.ts'

/** Arguments of a call. All of them, whole: what is not shown could not be agreed to. */
export function Fields({ fields }: { fields: readonly Field[] }) {
  if (fields.length === 0) return null
  return (
    <dl className="fields">
      {fields.map(({ label, value, raw }, index) => (
        <div key={index}>
          <dt>{label}</dt>
          <dd>
            <bdi>{value}</bdi>
            {raw !== undefined && (
              <code className="raw">
                <bdi>{raw}</bdi>
              </code>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}

export function Scopes({ scopes }: { scopes: readonly ScopeInWords[] }) {
  return (
    <ul className="scopes">
      {scopes.map(({ name, words, writes }) => (
        <li key={name} title={name}>
          <span className={writes ? 'tag ask' : 'tag'}>{writes ? 'changes' : 'reads'}</span> {words}
        </li>
      ))}
    </ul>
  )
}
