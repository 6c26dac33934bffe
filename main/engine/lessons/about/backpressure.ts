// Lesson 12. Counterpart: ../code/backpressure.ts.
import { type Lesson, listLines, note, word } from '../lesson.ts'
import type { Trace } from '../trace.ts'

const total = 32 * 2 ** 20
const client = 'StreamReaderProtocol'

const paused = (trace: Trace, protocol: string) => trace.of('writing-paused', protocol)

export const backpressure: Lesson = {
  name: 'backpressure',
  title: 'Backpressure',
  summary: 'A slow reader slows its writer, through a relay, and nobody’s memory fills up.',
  notes: [
    note('const slow = await', 'A reader that is slow to begin.'),
    note(
      'await full //',
      'Before the relay is full it takes nothing: its own buffer fills, then the kernel’s, then the relay’s.',
    ),
    note('const up = new Half()', 'The relay’s half towards the slow reader …'),
    note('const relay = await', '… and for the accepted connection the other half.'),
    note(
      'transport.setWriteBufferLimits',
      'Above the high-water mark writing is paused, at the low-water mark it goes on.',
    ),
    note('const [, writer] = await', 'A client that has 32 MiB to tell.'),
    note(
      'writer.write(chunk)',
      '`write` never waits: what the kernel does not take is kept here, in the write buffer.',
    ),
    note(
      'await writer.drain()',
      '`drain` waits while the buffer is above its high-water mark; without it the memory would fill.',
    ),
    note('dataReceived = (data', 'The relay hands on what it gets.'),
    note(
      'this.other.transport.pauseReading()',
      'The relay’s own buffer towards the slow reader is full, so it stops reading: now the client’s kernel buffer fills as well.',
    ),
    note('resumeWriting = () =>', 'The buffer is at its low-water mark: reading goes on.'),
    note('let bytes = 0', 'The reader wakes up …'),
    note('while (bytes < total)', '… and takes everything.'),
    note('console.log(`slow reader:', 'Every byte is here.'),
  ],
  vocabulary: [
    word('`pause_writing`', '`write()` returns false', 'asyncio calls the protocol; Node tells by the return value.'),
    word(
      '`resume_writing`',
      'event `drain`',
      'asyncio resumes at the low-water mark, a Node stream when its buffer is empty.',
    ),
    word(
      '`set_write_buffer_limits`',
      '`highWaterMark`',
      'asyncio has a high and a low mark (64 KiB and 16 KiB), a Node stream only the high one.',
    ),
    word('`await writer.drain()`', '`await once(socket, "drain")`', 'Only where `write` returned false.'),
    word('`pause_reading`', '`socket.pause()`', 'The kernel’s receive window closes and stops the peer.'),
  ],
  claims: [
    {
      text: 'The relay’s half towards the slow reader was paused, and resumed as often.',
      check: (trace) => {
        const pauses = paused(trace, 'Half').length
        const resumes = trace.of('writing-resumed', 'Half').length
        return { held: pauses > 0 && pauses === resumes, seen: `${pauses} times paused, ${resumes} times resumed` }
      },
    },
    {
      text: 'Who cannot write does not read: the relay stopped reading in the same callback.',
      check: (trace) => {
        const pauses = paused(trace, 'Half')
        const reading = trace.of('reading-paused', 'Half')
        return {
          held: reading.length > 0 && reading.every((stop) => pauses.some((each) => each.callback === stop.callback)),
          seen: `reading paused ${reading.length} times, writing ${pauses.length} times`,
        }
      },
    },
    {
      text: 'The pause reached the client, two sockets away: its writing was paused too.',
      check: (trace) => {
        const first = paused(trace, client)[0]
        return {
          held: first !== undefined && trace.of('writing-resumed', client).length > 0,
          seen: `the client was paused ${paused(trace, client).length} times`,
        }
      },
    },
    {
      text: 'Not a byte was lost: 32 MiB left, 32 MiB came.',
      check: (trace) => {
        const sum = (kind: 'data-received' | 'data-sent', protocol: string) =>
          trace.of(kind, protocol).reduce((bytes, event) => bytes + event.length, 0)
        const [sent, handedOn, came] = [
          sum('data-sent', client),
          sum('data-sent', 'Half'),
          sum('data-received', client),
        ]
        return {
          held:
            sent === total && handedOn === total && came === total && trace.lines('slow reader: 32 MiB').length === 1,
          seen: `${sent} bytes sent, ${handedOn} handed on, ${came} received; ${listLines(trace.lines('slow reader…'))}`,
        }
      },
    },
  ],
}
