/** Where the first HTTP message in a text of latin1 ends, or -1. Only what the benchmark's own peers send is understood. */
function endOfMessage(text: string): number {
  const head = text.indexOf('\r\n\r\n')
  if (head === -1) return -1
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, head))
  if (length) return text.length >= head + 4 + Number(length[1]) ? head + 4 + Number(length[1]) : -1
  const end = text.indexOf('\r\n0\r\n\r\n', head)
  return end === -1 ? -1 : end + 7
}

/** Gives each whole HTTP message that arrives on a socket. */
export function messagesOf(onMessage: (message: string) => void): (chunk: Buffer) => void {
  let pending = ''
  return (chunk) => {
    pending += chunk.toString('latin1')
    for (let end = endOfMessage(pending); end !== -1; end = endOfMessage(pending)) {
      const message = pending.slice(0, end)
      pending = pending.slice(end)
      onMessage(message)
    }
  }
}
