// Lesson 2. Counterpart: ../code/protocols-and-transports.ts.
import { type Lesson, note, turnWords, word } from '../lesson.ts'

const callbacks = ['connectionMade', 'dataReceived', 'eofReceived', 'connectionLost']

export const protocolsAndTransports: Lesson = {
  name: 'protocols-and-transports',
  title: 'Protocols and transports',
  summary: 'The protocol is what happens, the transport is how bytes move, and every connection has one of each.',
  notes: [
    note(
      'const bothLost = loop.createFuture',
      'A future: something that will be done. Here, once both connections are over.',
    ),
    note('const server = await', 'The server gets a factory, not a protocol: it calls it once for every connection.'),
    note(
      'const [transport] = await',
      'The first client. Its own protocol does nothing.',
      'The second client. The server’s factory will be called again.',
    ),
    note('transport.write(Buffer.from(text))', 'Some bytes …'),
    note('transport.writeEof()', '… and FIN: nothing more will come from here. Receiving goes on.'),
    note(
      'this.#transport = transport',
      'A new protocol object meets its transport. State of a connection lives in its object, so no table of connections is needed.',
    ),
    note(': connectionMade`)', 'First, and once.'),
    note(': dataReceived, $', 'Then data, any number of times.'),
    note('this.#transport.write(data)', 'A protocol answers through its transport; it never sees the socket.'),
    note(': eofReceived`)', 'The peer’s FIN: at most once.'),
    note('return false', 'The answer decides: true keeps our side open, anything else closes it.'),
    note(': connectionLost`)', 'Last, and once for each `connectionMade`.'),
    note('if (++lost === 2)', 'This object counts itself out; the last one sets the future.'),
    note('await loop.runUntilComplete(bothLost)', 'The loop runs until the future is done.'),
    note('server.close()', 'No more connections.'),
    note('loop.close()', 'Done.'),
  ],
  vocabulary: [
    word(
      '`Protocol`',
      'an object with listeners',
      'A protocol’s callbacks are methods of one object; Node’s listeners are separate functions.',
    ),
    word(
      '`Transport`',
      '`net.Socket`',
      'A transport only moves bytes; Node’s socket is also the stream that you read.',
    ),
    word('protocol factory', 'the `connection` listener', 'One protocol a connection.'),
    word('`connection_made`', '`connection`, `connect`', ''),
    word('`data_received`', '`data`', ''),
    word('`eof_received`', '`end`', 'With `allowHalfOpen: false`, its default, Node closes by itself.'),
    word('`connection_lost`', '`close`', ''),
  ],
  claims: [
    {
      text: 'Two connections made two protocol objects, each with a connection of its own.',
      check: (trace) => {
        const made = trace.of('connection-made', 'Greeter')
        return {
          held: made.length === 2 && made[0]!.connection !== made[1]!.connection,
          seen: `${made.length} connections of Greeter`,
        }
      },
    },
    {
      text: 'Each protocol is called in the order made, data, eof, lost.',
      check: (trace) => {
        const orders = [1, 2].map((n) =>
          trace.printed
            .filter((line) => line.text.startsWith(`protocol ${n}: `))
            .map((line) => line.text.slice('protocol n: '.length).split(',')[0]!),
        )
        return {
          held: orders.every((order) => order.join() === callbacks.join()),
          seen: orders.map((order, i) => `${i + 1}: ${order.join(', ')}`).join('; '),
        }
      },
    },
    {
      text: '`dataReceived` runs in the poll phase, `connectionLost` in the closing phase.',
      check: (trace) => {
        const of = (kind: 'data-received' | 'connection-lost') =>
          trace.of(kind, 'Greeter').map((event) => trace.callback(event.callback))
        const data = of('data-received')
        const lost = of('connection-lost')
        return {
          held:
            data.length === 2 &&
            lost.length === 2 &&
            data.every((each) => each?.phase === 'poll') &&
            lost.every((each) => each?.phase === 'closing'),
          seen: [...data, ...lost].map(turnWords).join('; '),
        }
      },
    },
  ],
}
