// The lines of Node that people have, each with its newest release here, from the packages that the pinned runtime comes from too.
import { join } from 'node:path'
import { npm } from './processes.ts'

const LINES = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0' } as const

/** Installs Node 20, 22 and 24 in a folder, and adds the Node that runs this; gives the programs by line. */
export async function installNodeLines(folder: string): Promise<ReadonlyMap<number, string>> {
  const platform = `node-${process.platform}-${process.arch}`
  const wanted = Object.entries(LINES).map(([line, version]) => `node${line}@npm:${platform}@${version}`)
  await npm(
    ['install', '--prefer-offline', '--no-audit', '--no-fund', '--no-save', '--ignore-scripts', ...wanted],
    folder,
  )
  const installed = Object.keys(LINES).map(
    (line) => [Number(line), join(folder, `node_modules/node${line}/bin/node`)] as const,
  )
  return new Map([...installed, [Number(process.versions.node.split('.')[0]), process.execPath]])
}

/** Those lines that `engines` of a package allows, such as `>=20` or `>=24.7`; all of our lines are the newest of theirs. */
export function allowedBy(engines: string, lines: ReadonlyMap<number, string>): [line: number, node: string][] {
  const [, oldest] = /^>=(\d+)(?:\.\d+)?$/.exec(engines) ?? []
  if (oldest === undefined) throw new Error(`\`${engines}\` is not a range that is understood here`)
  return [...lines].filter(([line]) => line >= Number(oldest))
}
