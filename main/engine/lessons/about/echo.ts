// Lesson 1. Counterpart: ../code/echo.ts. asyncio's own example, "TCP Echo Server" and "TCP Echo Client".
import { eventWords, type Lesson, listLines, note, printedInOrder, turnWords, word } from '../lesson.ts'

const server = 'EchoServerProtocol'
const client = 'EchoClientProtocol'

export const echo: Lesson = {
  name: 'echo',
  title: 'Echo: hello',
  summary: 'A server, a client, one `Hello World!` there and back, and the loop stops.',
  notes: [
    note('const loop = new EventLoop()', 'One loop. Server and client below share it, and its one thread.'),
    note(
      'const server = await',
      'The loop binds a socket to any free port (0) and listens. For each connection it will call the factory.',
    ),
    note(
      'await loop.createConnection',
      'The loop connects. The code waits here; the loop is free until the connection is made.',
    ),
    note('await loop.runForever()', 'From here on everything happens in callbacks, until somebody calls `stop`.'),
    note(
      'this.#transport = transport',
      'A connection came in. Its protocol, made just now, keeps the transport: the way to answer.',
    ),
    note("console.log('Server: connection made')", '`connectionMade` is the first callback of every connection, once.'),
    note(
      "transport.write(encoder.encode('Hello World!'))",
      'The client’s connection is made, so it writes. `write` never waits: the bytes go to the kernel or into a buffer.',
    ),
    note(
      'console.log(`Server: received',
      'Poll found the server’s socket readable. `dataReceived` gets what was there.',
    ),
    note('this.#transport.write(data)', 'The same bytes go back.'),
    note('this.#transport.close()', '`close` flushes what is buffered, then sends FIN.'),
    note('console.log(`Client: received', 'The echo is here: 12 bytes, the same ones.'),
    note(
      "console.log('Client: the server closed",
      'FIN was seen and answered: the last callback of the connection, once.',
    ),
    note('loop.stop()', '`stop` lets what is ready run, then ends `runForever`.'),
    note('server.close()', 'The server accepts no more.'),
    note('loop.close()', 'The loop is closed for good.'),
  ],
  vocabulary: [
    word(
      '`loop.create_server`',
      '`net.createServer`, `listen`',
      'asyncio makes a protocol a connection; Node emits `connection` with a socket.',
    ),
    word('`loop.create_connection`', '`net.connect`', ''),
    word('`connection_made`', 'event `connect` or `connection`', ''),
    word('`data_received`', 'event `data`', 'Both get what was there, not what was written: TCP has no messages.'),
    word('`transport.write`', '`socket.write`', 'Neither waits.'),
    word('`transport.close`', '`socket.end`, `destroySoon`', 'Flush, then FIN.'),
    word(
      '`connection_lost(exc)`',
      'events `close`, `error`',
      'asyncio hands the error over as an argument, `None` when there was none.',
    ),
    word(
      '`loop.run_forever`, `stop`',
      'nothing',
      'Node’s loop starts by itself, and ends when it has nothing left to wait for.',
    ),
  ],
  claims: [
    {
      text: 'What the client sent, what the server received and what came back are the same 12 bytes.',
      check: (trace) => {
        const texts = [
          trace.of('data-sent', client),
          trace.of('data-received', server),
          trace.of('data-sent', server),
          trace.of('data-received', client),
        ].map((events) => events.map((event) => event.text).join(''))
        return {
          held: texts.every((text) => text === 'Hello World!'),
          seen: texts.map((text) => `“${text}”`).join(', '),
        }
      },
    },
    {
      text: 'Every `dataReceived` runs in a poll callback.',
      check: (trace) => {
        const callbacks = trace.of('data-received').map((event) => trace.callback(event.callback))
        return {
          held: callbacks.length >= 2 && callbacks.every((each) => each?.turn === 'callback' && each.phase === 'poll'),
          seen: callbacks.map(turnWords).join('; ') || 'no data-received',
        }
      },
    },
    {
      text: 'The server closes first; the client learns it from the FIN.',
      check: (trace) => {
        const [here] = trace.of('connection-lost', server)
        const [there] = trace.of('connection-lost', client)
        return {
          held: here?.cause === 'closed-here' && there?.cause === 'closed-by-peer',
          seen: `server ${here?.cause ?? 'never lost'}, client ${there?.cause ?? 'never lost'}`,
        }
      },
    },
    {
      text: 'Each side has one `connectionMade`, and one `connectionLost` after it.',
      check: (trace) => {
        const pairs = [server, client].map(
          (each) => [trace.of('connection-made', each), trace.of('connection-lost', each)] as const,
        )
        return {
          held: pairs.every(([made, lost]) => made.length === 1 && lost.length === 1 && made[0]!.seq < lost[0]!.seq),
          seen: pairs.flatMap(([made, lost]) => [eventWords(made[0]), eventWords(lost[0])]).join('; '),
        }
      },
    },
    {
      text: 'The conversation is told in the order in which it happened.',
      check: (trace) => {
        const told = printedInOrder(
          trace,
          'Client: sent Hello World!',
          'Server: received Hello World!',
          'Client: received Hello World!',
          'Client: the server closed the connection',
        )
        return { ...told, seen: told.held ? told.seen : listLines(trace.printed) }
      },
    },
  ],
}
