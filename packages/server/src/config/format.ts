import { Document, isMap, isScalar, isSeq, visit } from 'yaml'
import type { Entry } from './entry.ts'

/** Writes a configuration as YAML that reads as it was, under comment lines that say where it comes from. */
export function formatConfig(config: Entry, comment: string): string {
  // Neither anchors nor folded lines: each value stands where it counts, as it is.
  const document = new Document(config, { aliasDuplicateObjects: false })
  document.commentBefore = comment.replaceAll(/^/gm, ' ')
  visit(document, {
    Seq(_, node) {
      // Lists of words stand on one line.
      node.flow = node.items.every((item) => isScalar(item))
    },
  })
  for (const section of isMap(document.contents) ? document.contents.items : [])
    if (isSeq(section.value)) section.value.flow = false
  return document.toString({ lineWidth: 0, blockQuote: false, flowCollectionPadding: false })
}
