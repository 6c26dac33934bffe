// Answers every HTTP/1.1 request with 200 and what was asked for, and keeps the connection for the next one.
const endOfHead = '\r\n\r\n'

export default class {
  connectionMade(transport) {
    this.transport = transport
    this.received = ''
  }

  dataReceived(data) {
    this.received += data.toString('latin1')
    let end = this.received.indexOf(endOfHead)
    while (end >= 0) {
      const head = this.received.slice(0, end)
      const bodyLength = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
      const whole = end + endOfHead.length + bodyLength
      if (this.received.length < whole) return
      this.received = this.received.slice(whole)
      this.answer(head)
      end = this.received.indexOf(endOfHead)
    }
  }

  answer(head) {
    const [requestLine] = head.split('\r\n')
    const body = `You asked for: ${requestLine}\n`
    this.transport.write(
      `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  }
}
