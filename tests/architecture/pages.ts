// Checks on what a reader finds: the pages that must exist, their length, and the commands that they name.
import { posix } from 'node:path'
import type { RepositoryFile } from './repository.ts'

/** Pages that people look for, with the most lines that they will read. */
const PAGES: Readonly<Record<string, number>> = {
  'README.md': 150,
  'CONTRIBUTING.md': 80,
  'SECURITY.md': 80,
  'CHANGELOG.md': Infinity,
  LICENSE: Infinity,
  'docs/dependencies.md': Infinity,
  'docs/promises.md': Infinity,
}
const DECISION = /^docs\/adr\/\d{4}-[a-z-]+\.md$/
const DECISION_LINES = 40
const DECISION_SECTIONS = ['## Context', '## Decision', '## Rejected', '## We would know that it was wrong']

const lineCount = (text: string) => text.trimEnd().split('\n').length

export function findPoorPages(files: readonly RepositoryFile[]): string[] {
  const textOf = new Map(files.map((file) => [file.path, file.text]))
  const missing = Object.keys(PAGES).filter((path) => !textOf.has(path))
  const limits = files.flatMap(({ path, text }) => {
    const limit = DECISION.test(path) ? DECISION_LINES : (PAGES[path] ?? Infinity)
    return lineCount(text) > limit ? [`${path}: ${lineCount(text)} lines, more than ${limit}`] : []
  })
  const unfinished = files
    .filter(({ path }) => DECISION.test(path))
    .flatMap(({ path, text }) => DECISION_SECTIONS.filter((s) => !text.includes(s)).map((s) => `${path}: no \`${s}\``))
  return [...missing.map((path) => `${path} is missing`), ...limits, ...unfinished]
}

const NPM_SCRIPT = /\bnpm (?:run (?:-s |--silent )?([\w:-]+)|(start|test)\b)/g

/** A command in the docs or in CI must be one that package.json has. */
export function findUnknownScripts(files: readonly RepositoryFile[]): string[] {
  const manifest = JSON.parse(files.find(({ path }) => path === 'package.json')?.text ?? '{}') as {
    scripts?: Record<string, string>
  }
  return files
    .filter(({ path }) => path.endsWith('.md') || path === '.ci/run')
    .flatMap(({ path, text }) =>
      [...text.matchAll(NPM_SCRIPT)]
        .map(([, named, short]) => named ?? short ?? '')
        .filter((name) => manifest.scripts?.[name] === undefined)
        .map((name) => `${path}: \`npm run ${name}\` is not in package.json`),
    )
}

const LINK = /\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g

/** A link inside the repository leads to a file or folder that exists. */
export function findDeadLinks(files: readonly RepositoryFile[]): string[] {
  const paths = files.map(({ path }) => path)
  const exists = (target: string) => paths.some((path) => path === target || path.startsWith(`${target}/`))
  return files
    .filter(({ path }) => path.endsWith('.md'))
    .flatMap(({ path, text }) =>
      [...text.matchAll(LINK)]
        .map(([, link = '']) => ({ link, target: posix.join(posix.dirname(path), link).replace(/\/$/, '') }))
        .filter(({ target }) => !exists(target))
        .map(({ link }) => `${path}: \`${link}\` leads nowhere`),
    )
}
