// Lesson 14. Counterpart: ../code/graceful-shutdown.ts.
import { type Lesson, listLines, note, printedInOrder, word } from '../lesson.ts'

const protocol = 'LastWords'

export const gracefulShutdown: Lesson = {
  name: 'graceful-shutdown',
  title: 'Graceful shutdown',
  summary: 'SIGINT: stop accepting, close what is open, wait until it is closed, close the loop.',
  notes: [
    note('const server = await', 'A server with work to finish.'),
    note("process.once('SIGINT'", 'What is to happen on Ctrl+C is said now.'),
    note('const clients = await', 'Three clients connect.'),
    note("transport.write(Buffer.from('last words", 'Each connection has bytes on their way.'),
    note('if (++made === 3)', 'All three are here.'),
    note('await loop.runForever()', 'The server serves.'),
    note("console.log('SIGINT: stop", 'The signal. Nothing is torn down: the loop will finish what it has begun.'),
    note('server.close()', 'First: nobody new comes in.'),
    note('server.closeClients()', 'Then every connection is closed: what is buffered is flushed, then FIN.'),
    note('loop.stop()', 'And `runForever` will return.'),
    note("console.log('server: connection lost')", 'One connection is over.'),
    note('const late =', 'A client that comes now …'),
    note('await late.catch', '… is refused.'),
    note('await server.waitClosed()', 'The server is closed when its last connection is.'),
    note("console.log('server is closed')", 'It is.'),
    note('console.log(`client:', 'And every client got its last words.'),
    note('loop.close()', 'Last: the loop.'),
  ],
  vocabulary: [
    word(
      '`loop.add_signal_handler`',
      '`process.on("SIGINT")`',
      'Both call back from the loop, not from inside the signal.',
    ),
    word('`server.close()`', '`server.close()`', 'Both stop accepting and leave what is open alone.'),
    word('`server.wait_closed()`', 'event `close` of the server', 'Until Python 3.12 it returned too early.'),
    word('`server.close_clients()`', '`closeAllConnections` (HTTP)', 'Python 3.13 and later.'),
    word('`loop.close()`', 'nothing', 'Node’s loop ends when nothing is left to wait for.'),
  ],
  claims: [
    {
      text: 'The order is kept: signal, connections, server.',
      check: (trace) => {
        const order = printedInOrder(trace, 'SIGINT: stop accepting, close what is open', 'server is closed')
        const lost = trace.lines('server: connection lost')
        const [signal, closed] = [trace.lines('SIGINT…')[0], trace.line('server is closed')]
        return {
          held:
            order.held &&
            lost.length === 3 &&
            lost.every((line) => line.at > (signal?.at ?? Infinity) && line.at < (closed?.at ?? 0)),
          seen: listLines(trace.printed),
        }
      },
    },
    {
      text: 'A client that comes after the signal is refused.',
      check: (trace) => {
        const [failed] = trace.of('connection-failed')
        return { held: failed?.cause === 'refused', seen: failed === undefined ? 'no connection failed' : failed.cause }
      },
    },
    {
      text: 'Every connection ends in order: closed here, closed by the peer there, none reset.',
      check: (trace) => {
        const here = trace.of('connection-lost', protocol).map((event) => event.cause)
        const there = trace
          .of('connection-lost')
          .filter((event) => event.protocol !== protocol)
          .map((event) => event.cause)
        return {
          held:
            here.length === 3 &&
            here.every((cause) => cause === 'closed-here') &&
            there.every((cause) => cause === 'closed-by-peer'),
          seen: `here ${here.join(', ')}; there ${there.join(', ') || 'none'}`,
        }
      },
    },
    {
      text: 'What was promised was delivered: all three clients got their last words.',
      check: (trace) => ({
        held: trace.lines('client: last words').length === 3,
        seen: listLines(trace.lines('client…')),
      }),
    },
  ],
}
