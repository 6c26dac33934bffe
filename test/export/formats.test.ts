// Exports that are no packets: JSON lines, the table, raw bytes; what is chosen of a capture, and what is counted. Counterpart:
// main/export; pcapng.test.ts has the packets.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvField } from '../../main/export/csv.ts'
import { writeRawFiles } from '../../main/export/raw-files.ts'
import { parseEscapes } from '../../preload/contract/notation.ts'
import type { ConnectionId } from '../../preload/contract/vocabulary.ts'
import { data, type EventSketch, lost, made } from '../renderer/support/batches.ts'
import { temporaryFolder } from '../support/peers.ts'
import { exportOf, memorySource } from './support/memory-source.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const id = (number: number) => number as ConnectionId

const two: readonly EventSketch[] = [
  made(1, 1),
  made(2, 2),
  data(3, 1, 'received', bytes('=1+1')),
  data(4, 2, 'received', bytes('two')),
  data(5, 1, 'sent', bytes('@answer')),
  { ...data(6, 1, 'received', bytes('cut')), length: 10 },
  lost(7, 1, 'closed-by-peer'),
]

/** Rows of a CSV text as RFC 4180 has them. */
const parseCsv = (text: string): string[][] => {
  const rows: string[][] = []
  let row: string[] = []
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'))
    if (end === ',') continue
    rows.push(row)
    row = []
  }
  return rows
}

describe('JSON lines', () => {
  it('are those of --json, all of them or the ones that are chosen', async () => {
    const source = memorySource([{ events: two }])
    const { bytes: all, counts } = await exportOf(source, { format: 'jsonl' })
    const lines = Buffer.from(all)
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ seq, kind }) => [seq, kind])).toEqual(two.map(({ kind }, i) => [i + 1, kind]))
    expect(lines[2]).toMatchObject({ connection: 1, length: 4, data: Buffer.from('=1+1').toString('base64') })
    expect(lines[5]).toMatchObject({ length: 10, stored: 3 })
    expect(counts).toMatchObject({ events: 7, connections: 2, payloadBytes: 4 + 3 + 7 + 3, missingBytes: 7 })

    const { bytes: some } = await exportOf(source, { format: 'jsonl', filter: { kinds: ['data-sent'] } })
    expect(JSON.parse(Buffer.from(some).toString())).toMatchObject({
      seq: 5,
      kind: 'data-sent',
      remote: '127.0.0.1:50001',
    })
  })

  it('tell of events that are not in the capture', async () => {
    const source = memorySource([
      { gap: 2, events: [made(1, 1)] },
      { gap: 5, events: [lost(2, 1, 'closed-here')] },
    ])
    const { bytes: all, counts } = await exportOf(source, { format: 'jsonl' })
    const lines = Buffer.from(all)
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ kind, count }) => [kind, count])).toEqual([
      ['events-dropped', 2],
      ['connection-made', undefined],
      ['events-dropped', 5],
      ['connection-lost', undefined],
    ])
    expect(counts.droppedEvents).toBe(7)
  })
})

describe('The table', () => {
  it('has a row an event, every byte as hex, and nothing that a spreadsheet would run', async () => {
    const { bytes: all } = await exportOf(memorySource([{ events: two }]), { format: 'csv' })
    const [head, ...rows] = parseCsv(Buffer.from(all).toString())
    expect(rows).toHaveLength(two.length)
    const cell = (row: number, name: string) => rows[row]![head!.indexOf(name)]
    expect([cell(2, 'text'), cell(2, 'hex'), cell(2, 'length')]).toEqual(["'=1+1", '3d312b31', '4'])
    expect(cell(4, 'text')).toBe("'@answer")
    expect([cell(5, 'length'), cell(5, 'stored')]).toEqual(['10', '3'])
    expect(cell(0, 'time')).toBe('2023-11-14T22:13:20.001000Z')
    expect(cell(6, 'cause')).toBe('closed-by-peer')
  })

  it('has no text that begins a formula where semicolons separate columns', async () => {
    const text = 'a;=1+1;"@b; -c;d'
    const events = [made(1, 1), data(2, 1, 'received', Buffer.from(text))]
    const { bytes: all } = await exportOf(memorySource([{ events }]), { format: 'csv' })
    const [head, , row] = parseCsv(Buffer.from(all).toString())
    const cell = row![head!.indexOf('text')]!
    expect(cell).toBe('a\\x3b=1+1\\x3b"@b\\x3b -c;d')
    expect(parseEscapes(cell)).toMatchObject({ ok: true, bytes: new Uint8Array(Buffer.from(text)) })
  })

  it('gives every text back as it was, but for the apostrophe before what might be a formula', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 5 }), (texts) => {
        const row = parseCsv(`${texts.map(csvField).join(',')}\r\n`)[0]!
        for (const [i, text] of texts.entries()) {
          expect(row[i]).not.toMatch(/^[=+\-@\t\r\n]/)
          expect([text, `'${text}`]).toContain(row[i])
        }
      }),
    )
  })
})

describe('Raw bytes', () => {
  it('are those of one direction, or of both as they were seen', async () => {
    const source = memorySource([{ events: two }])
    const only = { format: 'raw' as const, filter: { connections: [id(1)] } }
    const text = async (direction: 'both' | 'received' | 'sent') =>
      Buffer.from((await exportOf(source, { ...only, direction })).bytes).toString()
    expect(await text('both')).toBe('=1+1@answercut')
    expect(await text('received')).toBe('=1+1cut')
    expect(await text('sent')).toBe('@answer')
  })

  it('of all connections go into a file each, also of more than may be open at once', async () => {
    const folder = temporaryFolder()
    const count = 250
    const ids = Array.from({ length: count }, (_, i) => i + 1)
    const events = [1, 2].flatMap((round) =>
      ids.map((each) => data(round, each, 'received', bytes(`${each} ${round};`))),
    )
    const counts = await writeRawFiles(memorySource([{ events }]), {}, 'both', (name) => join(folder, name), false)
    expect(counts).toMatchObject({ connections: count, events: 2 * count, missingBytes: 0 })
    expect(readdirSync(folder)).toHaveLength(count)
    for (const each of [1, 100, count])
      expect(readFileSync(join(folder, `connection-${each}-received.bin`), 'utf8')).toBe(`${each} 1;${each} 2;`)
    await expect(
      writeRawFiles(memorySource([{ events }]), {}, 'both', (name) => join(folder, name), false),
    ).rejects.toThrow(/EEXIST/)
  })
})

describe('A filter', () => {
  it('chooses whole connections for streams: those that have an event that satisfies it', async () => {
    const source = memorySource([{ events: two }])
    const { bytes: all, counts } = await exportOf(source, { format: 'yaml', filter: { kinds: ['data-sent'] } })
    expect(counts).toMatchObject({ connections: 1, events: 3 })
    expect(Buffer.from(all).toString()).toContain('# connection 1\n')
    expect(Buffer.from(all).toString()).toContain('    # 7 bytes are missing\n')
  })
})
