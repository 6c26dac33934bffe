// Passes each line on to everybody else. Set the framing to lines, so that a message is one line, however it arrives.
const members = new Map()

const tell = (text, except) => {
  for (const [member, transport] of members) if (member !== except) transport.write(`${text}\r\n`)
}

export default class {
  connectionMade(transport, connection) {
    this.name = `guest ${connection.id}`
    members.set(this, transport)
    transport.write(`Welcome, ${this.name}; ${members.size} here\r\n`)
    tell(`${this.name} came`, this)
  }

  messageReceived(line) {
    tell(`${this.name}: ${line}`, this)
  }

  connectionLost() {
    members.delete(this)
    tell(`${this.name} left`)
  }
}
