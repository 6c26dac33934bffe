// Speaks enough of Redis's protocol (RESP) for PING, ECHO and QUIT, as redis-cli sends them or typed as plain lines.
const commandOf = (text) => {
  if (!text.startsWith('*')) {
    const end = text.indexOf('\r\n')
    return end < 0 ? null : { words: text.slice(0, end).split(' '), length: end + 2 }
  }
  // *2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n: how many words, and of each its length and its bytes
  const line = (from) => text.slice(from, text.indexOf('\r\n', from))
  const hasLine = (from) => text.indexOf('\r\n', from) >= 0
  if (!hasLine(0)) return null
  const words = []
  let at = line(0).length + 2
  for (let left = Number(line(1)); left > 0; left--) {
    if (!hasLine(at)) return null
    const length = Number(line(at + 1))
    const start = at + line(at).length + 2
    if (text.length < start + length + 2) return null
    words.push(text.slice(start, start + length))
    at = start + length + 2
  }
  return { words, length: at }
}

export default class {
  connectionMade(transport) {
    this.transport = transport
    this.received = ''
  }

  dataReceived(data) {
    this.received += data.toString('latin1')
    for (let command = commandOf(this.received); command !== null; command = commandOf(this.received)) {
      this.received = this.received.slice(command.length)
      this.answer(command.words)
    }
  }

  answer([name = '', word = '']) {
    const bulk = (text) => `$${text.length}\r\n${text}\r\n`
    switch (name.toUpperCase()) {
      case 'PING':
        this.transport.write(word === '' ? '+PONG\r\n' : bulk(word))
        return
      case 'ECHO':
        this.transport.write(bulk(word))
        return
      case 'QUIT':
        this.transport.write('+OK\r\n')
        this.transport.close()
        return
      default:
        this.transport.write(`-ERR unknown command '${name}'\r\n`)
    }
  }
}
