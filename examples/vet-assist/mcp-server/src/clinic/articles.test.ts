import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestClinic, reasonOf, valueOf } from '../testing/clinic.ts'
import { getArticle, readArticles, searchArticles } from './articles.ts'

const clinic = createTestClinic()
const find = (query: string): string[] =>
  searchArticles(clinic, { query, limit: 5 }).map((article) => article.articleId)

test('there are at least thirty articles of 150 to 300 words, each with its source', () => {
  const articles = readArticles()
  assert.ok(articles.length >= 30)
  for (const { articleId, text, sources } of articles) {
    const words = text.split(/\s+/).length
    assert.ok(words >= 150 && words <= 300, `${articleId} has ${words} words`)
    assert.ok(sources.includes('ask the clinic'), articleId)
  }
})

const QUESTIONS: [string, string][] = [
  ['my dog ate chocolate', 'foods-to-avoid'],
  ['how often should I worm my cat?', 'worming'],
  ['fireworks make him shake', 'firework-fear'],
  ['can I give her paracetamol', 'human-painkillers'],
  ['taking the dog to France', 'travelling-abroad'],
  ['maggots on a rabbit', 'flystrike-in-rabbits'],
  ['cat pees outside the litter tray', 'litter-tray-problems'],
  ['removing a tick', 'ticks'],
]

for (const [question, articleId] of QUESTIONS) {
  test(`"${question}" finds ${articleId} among the first two`, () => {
    assert.ok(find(question).slice(0, 2).includes(articleId), find(question).join())
  })
}

test('nothing in a query is read as the query language', () => {
  for (const query of ['"', 'AND OR NOT', 'title:flea*', 'NEAR(a b)', '^-()', "'; drop table articles --", ''])
    find(query)
  assert.deepEqual(find('the and of'), [])
})

test('a topic narrows the search', () => {
  const found = searchArticles(clinic, { query: 'rabbit', topic: 'vaccination', limit: 10 })
  assert.ok(found.length > 0)
  assert.ok(found.every((article) => article.topic === 'vaccination'))
})

test('an article is found by its id, and only by it', () => {
  assert.match(valueOf(getArticle(clinic, 'ticks')).text, /tick hook/)
  assert.equal(reasonOf(getArticle(clinic, '../../package')), 'article_not_found')
})
