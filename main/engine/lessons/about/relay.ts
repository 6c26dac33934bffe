// Lesson 3. Counterpart: ../code/relay.ts.
import { type Lesson, note, word } from '../lesson.ts'

export const relay: Lesson = {
  name: 'relay',
  title: 'Relay: two protocols, two links',
  summary: 'A relay is two protocols that write to each other’s transport: one link in each direction.',
  notes: [
    note('const target = await', 'The far end: it reads to the end, then says how many bytes came.'),
    note('const relay = await', 'The relay listens. Each accepted connection gets a `Downstream`.'),
    note(
      'const [reader, writer] = await openConnection',
      'The client connects to the relay, and knows of nothing else.',
    ),
    note("writer.write(Buffer.from('Hello World!'))", '12 bytes leave for the relay …'),
    note('writer.writeEof()', '… and a FIN: the client is done sending, and listens on.'),
    note(
      'transport.pauseReading()',
      'Reading pauses: a byte that came now would have nowhere to go. The kernel keeps it.',
    ),
    note('this.other = new Upstream()', 'The other half of the pair.'),
    note('this.other.other = this', 'Each half knows the other.'),
    note(
      'void loop.createConnection',
      'The upstream connection is asked for; nobody waits here.',
      'The upstream connection is made: reading starts.',
    ),
    note(
      'this.other.transport.write(data)',
      'A link at work: what one half receives, the other half’s transport writes, in the same callback.',
    ),
    note('this.other.transport.writeEof()', 'A FIN is passed on too, as a half-close.'),
    note('return true', 'And this half stays open: the answer still has to come back through it.'),
    note('writer.write(Buffer.from(`', 'The target has read to the end, so it answers.'),
    note('console.log(`Client:', 'The answer came back through the other link, long after the client’s FIN.'),
  ],
  vocabulary: [
    word('two protocols', '`a.pipe(b)`, `b.pipe(a)`', 'With `pipe` Node does the links; with protocols you see them.'),
    word('`write_eof`', '`socket.end()`', 'Half-close: FIN is sent, reading goes on.'),
    word(
      '`eof_received` → `True`',
      '`allowHalfOpen: true`',
      'asyncio decides at each FIN, Node when the socket is made.',
    ),
    word('`pause_reading`', '`socket.pause()`', 'The kernel’s window then slows the peer.'),
  ],
  claims: [
    {
      text: 'Both links hand on exactly the bytes they get.',
      check: (trace) => {
        const text = (kind: 'data-received' | 'data-sent', half: string) =>
          trace
            .of(kind, half)
            .map((event) => event.text)
            .join('')
        const there = [text('data-received', 'Downstream'), text('data-sent', 'Upstream')]
        const back = [text('data-received', 'Upstream'), text('data-sent', 'Downstream')]
        return {
          held: there.every((each) => each === 'Hello World!') && back[0] === back[1] && back[0] !== '',
          seen: `there “${there.join('” and “')}”, back “${back.join('” and “')}”`,
        }
      },
    },
    {
      text: 'A chunk leaves in the very callback in which it came.',
      check: (trace) => {
        const pairs = [
          [trace.of('data-received', 'Downstream')[0], trace.of('data-sent', 'Upstream')[0]],
          [trace.of('data-received', 'Upstream')[0], trace.of('data-sent', 'Downstream')[0]],
        ]
        return {
          held: pairs.every(([came, left]) => came !== undefined && came.callback === left?.callback),
          seen: pairs
            .map(([came, left]) => `callbacks ${came?.callback ?? '–'} and ${left?.callback ?? '–'}`)
            .join('; '),
        }
      },
    },
    {
      text: 'The client’s FIN passes through the relay, and the answer still comes after it.',
      check: (trace) => {
        const came = trace.of('eof-received', 'Downstream')[0]?.seq ?? Number.NaN
        const passed = trace.of('eof-sent', 'Upstream')[0]?.seq ?? Number.NaN
        const answer = trace.of('data-sent', 'Downstream')[0]?.seq ?? Number.NaN
        return {
          held: came < passed && passed < answer,
          seen: `event ${came}: FIN came, event ${passed}: FIN passed on, event ${answer}: answer passed on`,
        }
      },
    },
  ],
}
