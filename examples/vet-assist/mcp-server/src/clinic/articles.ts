// Owns the knowledge base: the articles are files that people can read and review, SQLite's full-text index is made from them at each start.
import { readdirSync, readFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { all, type Clinic, first } from './clinic.ts'
import { refuse, type Result, success } from './result.ts'

export const TOPICS = [
  'vaccination',
  'parasites',
  'nutrition',
  'dental',
  'behaviour',
  'emergency',
  'medication',
  'surgery',
  'everyday care',
  'life stages',
  'travel',
] as const

export type Topic = (typeof TOPICS)[number]

export interface ArticleHead {
  articleId: string
  title: string
  topic: Topic
  sources: string
}

export interface Article extends ArticleHead {
  text: string
}

const FOLDER = new URL('../../articles/', import.meta.url)

/** All articles, each a file `<id>.md` that begins with the lines `title:`, `topic:` and `sources:` between two `---`. */
export function readArticles(): Article[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.md'))
    .sort()
    .map((file) => parseArticle(file.slice(0, -'.md'.length), readFileSync(new URL(file, FOLDER), 'utf8')))
}

function parseArticle(articleId: string, file: string): Article {
  const [, head = '', text = ''] = /^---\n(.*?)\n---\n(.*)$/s.exec(file) ?? []
  const fields = new Map(head.split('\n').map((line) => [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)]))
  const title = fields.get('title')
  const topic = TOPICS.find((candidate) => candidate === fields.get('topic'))
  const sources = fields.get('sources')
  if (title === undefined || topic === undefined || sources === undefined || text.trim() === '') {
    throw new Error(`articles/${articleId}.md needs a title, one of the topics, sources, and a text below them`)
  }
  return { articleId, title, topic, sources, text: text.trim() }
}

/** Makes the index anew, so that it never disagrees with the files. */
export function loadArticles(db: DatabaseSync): void {
  db.exec('delete from articles')
  const insert = db.prepare('insert into articles (id, topic, title, body, sources) values (?, ?, ?, ?, ?)')
  for (const article of readArticles()) {
    insert.run(article.articleId, article.topic, article.title, article.text, article.sources)
  }
}

const HEAD = 'select id as "articleId", title, topic, sources'

/** Articles that match any of the words, the best first; a word in the title weighs more. */
export function searchArticles(
  clinic: Clinic,
  search: { query: string; topic?: Topic | undefined; limit: number },
): (ArticleHead & { excerpt: string })[] {
  const match = toMatch(search.query)
  if (match === '') return []
  return all(
    clinic.db,
    `${HEAD}, replace(snippet(articles, 3, '', '', ' … ', 24), char(10), ' ') as excerpt from articles
      where articles match :match and (:topic is null or topic = :topic)
      order by bm25(articles, 0, 0, 6, 1) limit :limit`,
    { match, topic: search.topic ?? null, limit: search.limit },
  )
}

/** One article by its id. */
export function getArticle(clinic: Clinic, articleId: string): Result<Article> {
  const article = first<Article>(clinic.db, `${HEAD}, body as text from articles where id = :articleId`, { articleId })
  return article === undefined ? refuse({ reason: 'article_not_found' }) : success(article)
}

/** Words that every article has and that say nothing of what is looked for. */
const STOP_WORDS = new Set(
  'a an and are as at be can could do does for from has have he her his how i in is it its me my of on or pet pets she should so that the their them they this to too was what when which who why will with you your'.split(
    ' ',
  ),
)

/** The query as words in FTS5's quotes, so that nothing in it is read as the query language. */
function toMatch(query: string): string {
  const words = query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return words
    .filter((word) => !STOP_WORDS.has(word))
    .map((word) => `"${word}"`)
    .join(' OR ')
}
