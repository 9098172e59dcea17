import { z } from 'zod'
import { getArticle as get, searchArticles as search, TOPICS } from '../clinic/articles.ts'
import { success } from '../clinic/result.ts'
import { READS } from './fields.ts'
import { defineTool } from './tool.ts'

const head = {
  articleId: z.string(),
  title: z.string(),
  topic: z.enum(TOPICS),
  sources: z.string().describe('Where the content comes from'),
}

export const searchArticles = defineTool({
  name: 'search_articles',
  title: 'Search the knowledge base',
  description:
    'Searches the clinic’s articles on pet care in English. Pass on the important words, such as "dog ate chocolate". Read the best article with get_article before you answer, name its title as the source, and do not add advice of your own: for anything urgent give the emergency number of clinic_info.',
  annotations: READS,
  scope: 'knowledge:read',
  input: z.strictObject({
    query: z.string().trim().min(1).max(200).describe('Words to look for; articles with any of them are found'),
    topic: z.enum(TOPICS).optional(),
    limit: z.int().min(1).max(10).default(5).describe('Greatest number of articles'),
  }),
  output: z.object({
    articles: z.array(z.object({ ...head, excerpt: z.string() })).describe('The best first'),
    sources: z.array(z.string()).describe('Ids of the articles, to be named in an answer'),
  }),
  run(clinic, _caller, input) {
    const articles = search(clinic, input)
    return success({ articles, sources: articles.map((article) => article.articleId) })
  },
  say({ articles }) {
    if (articles.length === 0) return 'No article found; try other words, or ask the clinic with message_clinic.'
    return articles.map((article) => `${article.title} (articleId ${article.articleId}): ${article.excerpt}`).join('\n')
  },
})

export const getArticle = defineTool({
  name: 'get_article',
  title: 'Read an article',
  description: 'Gives the whole text of one article in Markdown. Call search_articles first for the articleId.',
  annotations: READS,
  scope: 'knowledge:read',
  input: z.strictObject({ articleId: z.string().min(1).max(64).describe('Id of an article, from search_articles') }),
  output: z.object({ ...head, text: z.string().describe('Markdown') }),
  run: (clinic, _caller, input) => get(clinic, input.articleId),
  say: (article) =>
    `# ${article.title}\n\n${article.text}\n\nSource: article ${article.articleId} (${article.sources})`,
})
