// Answers “ping” with “pong”, each behind its length in 4 bytes (big-endian). Set the framing to a length of 4 bytes: then
// a message is what the length counts.
const framed = (text) => {
  const frame = Buffer.alloc(4 + Buffer.byteLength(text))
  frame.writeUInt32BE(frame.length - 4)
  frame.write(text, 4)
  return frame
}

export default class {
  connectionMade(transport) {
    this.transport = transport
  }

  messageReceived(message) {
    const text = message.toString()
    this.transport.write(framed(text === 'ping' ? 'pong' : `not a ping: ${text}`))
  }
}
