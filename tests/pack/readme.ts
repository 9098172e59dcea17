// Code that a README shows, as the files that its reader would make of it.
const FENCE = /```(\w+)\n([^]*?)```/g
const NAME = /^(?:\/\/|#) (\S+\.\w+)\n/

export type Snippet = { language: string; code: string; fileName: string | undefined }

/** All fenced code; one whose first line is a comment with a file name says where it belongs. */
export function snippetsOf(readme: string): Snippet[] {
  return [...readme.matchAll(FENCE)].map(([, language = '', code = '']) => ({
    language,
    code,
    fileName: NAME.exec(code)?.[1],
  }))
}

/** Snippets that are programs of their own and not parts of one. */
export const programsOf = (readme: string): string[] =>
  snippetsOf(readme)
    .filter(({ language, code }) => language === 'ts' && /^(?:\/\/.*\n)*import /.test(code))
    .map(({ code }) => code)

/** Lines that a reader would have to write. */
export const linesOfCode = (code: string): number =>
  code.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('//')).length
