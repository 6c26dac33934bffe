// Lesson 13. Counterpart: ../code/streams-or-protocols.ts.
import { type Lesson, listLines, note, turnWords, word } from '../lesson.ts'
import type { Trace } from '../trace.ts'

const answer = 'one two three '
const streamHandler = 'startServer callback'

const received = (trace: Trace, protocol: string) => trace.of('data-received', protocol).map((event) => event.text)

export const streamsOrProtocols: Lesson = {
  name: 'streams-or-protocols',
  title: 'Streams or protocols',
  summary: 'The same echo by callbacks and by sequential code, and what TCP promises to both: the order, nothing else.',
  notes: [
    note('const protocols = await', 'The echo as a protocol: three lines in callbacks.'),
    note('const streams = await', 'The echo as a stream: a coroutine for each connection.'),
    note('await loop.runUntilComplete', 'The same client talks to the one, then to the other.'),
    note("for (const line of ['one", 'Three writes. TCP keeps their order, but not their borders.'),
    note('writer.writeEof()', 'FIN: this was all.'),
    note('this.#transport = transport', 'Callbacks: the object remembers what the next one needs.'),
    note(
      'this.#transport.write(data)',
      '`dataReceived` runs in the poll callback itself. What it gets may be one line, or all three, or half of one.',
    ),
    note('for await (const line of reader)', 'Sequential code: it stands here and waits for a line.'),
    note('writer.write(line)', 'A whole line: the reader has cut the stream for us.'),
    note('await writer.drain()', 'Waits only where the peer is slow.'),
    note('  writer.close()', 'The loop over the lines ends with the FIN.'),
    note('const answer = Buffer', 'The client reads to the end.'),
    note('console.log(`${server === streams', 'The same bytes in the same order.'),
    note('server.close()', 'This server is done.'),
  ],
  vocabulary: [
    word('`Protocol`', 'listeners on a socket', 'Fast and exact: for relays, parsers, everything that must not wait.'),
    word(
      '`StreamReader`, `StreamWriter`',
      '`for await (… of socket)`',
      'For conversations: the code reads top to bottom.',
    ),
    word('`reader.readline()`', '`readline`', 'TCP knows no lines; somebody has to cut.'),
    word(
      '`asyncio.start_server`',
      '`net.createServer(async …)`',
      'asyncio runs the handler as a task; Node does not look at the promise.',
    ),
    word('`await writer.drain()`', 'event `drain`', ''),
  ],
  claims: [
    {
      text: 'Both answer with the same bytes in the same order.',
      check: (trace) => {
        const lines = [trace.line(`protocol: ${answer}`), trace.line(`streams: ${answer}`)]
        return { held: lines.every((line) => line !== undefined), seen: listLines(trace.printed) }
      },
    },
    {
      text: 'TCP keeps the order of the bytes, however they were cut: the chunks put together are what was written.',
      check: (trace) => {
        const chunks = received(trace, 'Echo')
        return {
          held: chunks.join('') === 'one\ntwo\nthree\n',
          seen: `3 writes arrived as ${chunks.length} ${chunks.length === 1 ? 'chunk' : 'chunks'} of ${chunks.map((each) => each.length).join(', ')} bytes`,
        }
      },
    },
    {
      text: 'The protocol runs in the poll callback; the stream’s code goes on from the microtask queue.',
      check: (trace) => {
        const turns = (fn: string) =>
          trace
            .marksOf('line', fn)
            .slice(fn === streamHandler ? 1 : 0)
            .map((mark) => trace.callback(mark.callback))
        const protocol = turns('Echo.dataReceived')
        const stream = turns(streamHandler)
        return {
          held:
            protocol.length > 0 &&
            stream.length > 0 &&
            protocol.every((each) => each?.turn === 'callback' && each.phase === 'poll') &&
            stream.every((each) => each?.turn === 'microtask'),
          seen: `protocol: ${turnWords(protocol[0])}; stream: ${turnWords(stream[0])}`,
        }
      },
    },
  ],
}
