// A stream gives the same bytes however they were cut on the way. Counterpart: main/engine/loop/stream-reader.ts.
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { StreamReader } from '../../main/engine/loop/stream-reader.ts'
import { openConnection } from '../../main/engine/loop/streams.ts'
import { farKinds, localhost, runningLoop, startFarServer } from '../support/loopback.ts'
import { expectBytes } from '../support/playbook.ts'

/** Few different bytes, so that separators are met often. */
const anyData = fc.array(fc.constantFrom(0x0a, 0x0d, 0x61, 0x62), { maxLength: 400 }).map((all) => Uint8Array.from(all))
const anyCuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 40 })

type Ask =
  | { readonly how: 'readexactly'; readonly bytes: number }
  | { readonly how: 'readline' }
  | { readonly how: 'readuntil'; readonly separator: string }

const anyAsk: fc.Arbitrary<Ask> = fc.oneof(
  fc.record({ how: fc.constant('readexactly' as const), bytes: fc.nat({ max: 60 }) }),
  fc.record({ how: fc.constant('readline' as const) }),
  fc.record({ how: fc.constant('readuntil' as const), separator: fc.constantFrom('\r\n', 'a', 'ab', '\n\n', 'aba') }),
)

/** Cuts data into chunks of these sizes, over and over. */
const cut = (data: Uint8Array, sizes: readonly number[]): Uint8Array[] => {
  const chunks: Uint8Array[] = []
  for (let at = 0, i = 0; at < data.length; at += sizes[i++ % sizes.length]!)
    chunks.push(data.subarray(at, at + sizes[i % sizes.length]!))
  return chunks
}

/** Each answer as text: its bytes, or the error and the bytes that it came with. */
const answers = async (reader: StreamReader, asks: readonly Ask[]): Promise<string[]> => {
  const told: string[] = []
  for (const ask of asks) {
    const reading =
      ask.how === 'readexactly'
        ? reader.readexactly(ask.bytes)
        : ask.how === 'readline'
          ? reader.readline()
          : reader.readuntil(Buffer.from(ask.separator))
    told.push(
      await reading.then(
        (bytes) => Buffer.from(bytes).toString('latin1'),
        (error: Error) =>
          `${error.name} ${Buffer.from('partial' in error ? (error.partial as Uint8Array) : []).toString('latin1')}`,
      ),
    )
  }
  told.push(Buffer.from(await reader.read()).toString('latin1'))
  return told
}

describe('A StreamReader', () => {
  it('gives the same answers for every cut of the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(anyData, anyCuts, fc.array(anyAsk, { maxLength: 15 }), async (data, sizes, asks) => {
        const whole = new StreamReader()
        whole.feedData(data)
        whole.feedEof()
        const pieces = new StreamReader()
        const reading = answers(pieces, asks)
        for (const chunk of cut(data, sizes)) {
          pieces.feedData(chunk)
          // Lets the reader look at what there is, or wait for more.
          await Promise.resolve()
        }
        pieces.feedEof()
        expect(await reading).toEqual(await answers(whole, asks))
      }),
      { numRuns: 300 },
    )
  })

  it('loses and invents nothing, whatever its limit and however much is asked for at a time', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyData,
        anyCuts,
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 1, max: 30 }),
        async (data, sizes, asked, limitBytes) => {
          const reader = new StreamReader(limitBytes)
          const readAll = async () => {
            const parts: Uint8Array[] = []
            for (let i = 0; ; i++) {
              const most = asked[i % asked.length]!
              const part = await reader.read(most)
              if (part.length === 0) return Buffer.concat(parts)
              expect(part.length).toBeLessThanOrEqual(most)
              parts.push(part)
            }
          }
          const reading = readAll()
          for (const chunk of cut(data, sizes)) {
            reader.feedData(chunk)
            await Promise.resolve()
          }
          reader.feedEof()
          expectBytes(await reading, data)
        },
      ),
      { numRuns: 300 },
    )
  })

  it.each(farKinds)(
    'does so over a real connection to %s, with a buffer far smaller than the message',
    async (kind) => {
      const { loop } = runningLoop()
      const { port, accepted } = await startFarServer(kind, loop)
      let connections = 0
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.uint8Array({ minLength: 1, maxLength: 5000, size: 'max' }), { maxLength: 30 }),
          fc.integer({ min: 1, max: 2000 }),
          async (chunks, limitBytes) => {
            const [reader, writer] = await openConnection(loop, { host: localhost, port, limitBytes })
            onTestFinished(() => writer.transport.abort())
            const far = await accepted(connections++)
            for (const chunk of chunks) far.send(chunk)
            far.finish()
            expectBytes(await reader.read(), Buffer.concat(chunks))
            writer.close()
            await writer.waitClosed()
          },
        ),
        { numRuns: 15 },
      )
    },
  )
})
