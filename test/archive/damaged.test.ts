// A file that was damaged or cut short opens as far as it is whole, tells what is wrong, and never lies about what it has.
// Counterparts: main/archive/capture-file.ts, schema.ts, file-care.ts.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CaptureFile } from '../../main/archive/capture-file.ts'
import { createFacts } from '../../main/archive/facts.ts'
import { checkCapture } from '../../main/archive/file-care.ts'
import { createReader } from '../../main/archive/reader.ts'
import { readSnapshot } from '../../main/archive/readings.ts'
import { createCaptureWriter } from '../../main/archive/writer.ts'
import { data, made, makeBatch } from '../renderer/support/batches.ts'
import { type BatchSketch, fileRows, noLimits, type Row, temporaryFolder, writeBatches } from './support/captures.ts'

const pageBytes = 32 * 1024
let whole = ''
let rows: Row[] = []

beforeAll(() => {
  whole = join(mkdtempSync(join(tmpdir(), 'wireloop-damaged-')), 'whole.wireloop')
  const facts = createFacts()
  const writer = createCaptureWriter({ path: whole, limits: noLimits, startedAtEpochMs: 0, facts })
  const batches = Array.from(
    { length: 40 },
    (_, i): BatchSketch => ({
      gap: 0,
      events: [
        made(i, i + 1),
        ...Array.from({ length: 20 }, (_, k) =>
          data(i + k / 100, i + 1, k % 2 === 0 ? 'received' : 'sent', new Uint8Array(30_000).fill(i * 20 + k)),
        ),
      ],
    }),
  )
  rows = writeBatches({ writer, facts }, batches)
  writer.close()
})

afterAll(() => rmSync(dirname(whole), { recursive: true, force: true }))

/** A copy with bytes of it changed; answers its path. */
const damaged = (change: (bytes: Buffer) => void): string => {
  const path = join(temporaryFolder(), 'damaged.wireloop')
  const bytes = readFileSync(whole)
  change(bytes)
  writeFileSync(path, bytes)
  return path
}

/** Opens what there is, and holds every row that is told to what was written. Answers how many are told. */
const rowsTold = (path: string): { told: number; withPayload: number } | null => {
  let file: CaptureFile
  try {
    file = new CaptureFile(path, false)
  } catch (error) {
    expect((error as Error).message).toMatch(/malformed|not a database|no Wireloop capture|I\/O|newer Wireloop|schema/)
    return null
  }
  try {
    const told = fileRows(file, 0, 1024 * 1024)
    let withPayload = 0
    for (const row of told) {
      const { bytes: expectedBytes, ...expected } = rows[row.seq - 1]!
      const { bytes, ...rest } = row
      expect(rest).toEqual(expected)
      if (bytes === expectedBytes) withPayload++
      else expect(bytes).toBe('')
    }
    return { told: told.length, withPayload }
  } finally {
    file.close()
  }
}

describe('A damaged file', () => {
  it('is told as it was written where a page of it was wiped or a bit turned, or is refused in words', async () => {
    const pages = statSync(whole).size / pageBytes
    let opened = 0
    let toldRows = 0
    for (let i = 0; i < 40; i++) {
      const page = 1 + Math.floor((i / 40) * (pages - 1))
      const path = damaged((bytes) => {
        if (i % 2 === 0) bytes.fill(0, page * pageBytes, (page + 1) * pageBytes)
        else {
          const at = page * pageBytes + ((i * 7919) % pageBytes)
          bytes[at] = bytes[at]! ^ 0x10
        }
      })
      const found = rowsTold(path)
      if (found === null) continue
      opened++
      toldRows += found.told
      const { problems, events } = await checkCapture(path, false)
      if (found.withPayload < rows.length) {
        expect(problems.length).toBeGreaterThan(0)
        expect(events).toBeLessThan(rows.length)
      }
    }
    // A page of many is damaged: nearly everything is there.
    expect(opened).toBeGreaterThan(34)
    expect(toldRows / opened / rows.length).toBeGreaterThan(0.85)
  })

  it('names the events of a payload that cannot be read any more, and tells their times and sizes all the same', async () => {
    const marker = Buffer.alloc(2000, 123)
    const path = damaged((bytes) => {
      const at = bytes.indexOf(marker)
      expect(at).toBeGreaterThan(0)
      bytes[at + 1000] = 0
    })
    const found = rowsTold(path)!
    expect(found.told).toBe(rows.length)
    expect(found.withPayload).toBeLessThan(rows.length)
    const { problems, damagedSegments } = await checkCapture(path, false)
    expect(damagedSegments).toBe(1)
    expect(problems).toEqual([expect.stringMatching(/^Of events \d+ to \d+, payloads cannot be read$/)])
    const reader = createReader()
    const seq = rows.find((row) => row.bytes.charCodeAt(0) === 123 && row.kind.startsWith('data'))!.seq
    expect(await reader.answer('payload', { path, recording: false, seq })).toMatchObject({ ok: true })
    reader.dispose()
  })
})

describe('A truncated file', () => {
  it('opens as far as it is whole, says that it is shorter than it was, and the longer it is the more of it there is', () => {
    let before = 0
    let opened = 0
    for (const part of [0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1]) {
      const path = join(temporaryFolder(), 'cut.wireloop')
      copyFileSync(whole, path)
      truncateSync(path, Math.floor(statSync(whole).size * part))
      const found = rowsTold(path)
      if (found === null) continue
      opened++
      expect(found.told).toBeGreaterThanOrEqual(before)
      before = found.told
      const file = new CaptureFile(path, false)
      expect(file.state).toBe(part === 1 ? 'closed' : 'damaged')
      if (part < 1) expect(file.problems.join()).toMatch(/shorter than it was/)
      expect(() => readSnapshot(file)).not.toThrow()
      file.close()
    }
    expect(opened).toBeGreaterThan(4)
    expect(before).toBe(rows.length)
  })

  it('is found without its list of segments, which lies where the file was cut', () => {
    const path = join(temporaryFolder(), 'long.wireloop')
    const facts = createFacts()
    const writer = createCaptureWriter({ path, limits: noLimits, startedAtEpochMs: 0, facts })
    // A segment each: so many that their list outgrows its first page, and moves behind what came before.
    const segments = 600
    const each = 200
    const letter = (seq: number) => seq % 251
    let seq = 1
    for (let i = 0; i < segments; i++, seq++) {
      const events = Array.from({ length: each }, (_, k) => data(i, 1, 'sent', Uint8Array.of(letter(seq + k))))
      writer.events(makeBatch(seq, events))
      seq += each
      if (i % 50 === 0) writer.commit()
    }
    writer.close()
    truncateSync(path, Math.floor(statSync(path).size * 0.8))
    const file = new CaptureFile(path, false)
    expect(file.problems.join()).toMatch(/list of segments/)
    const told = fileRows(file)
    expect(told.length).toBeGreaterThan(segments * each * 0.7)
    expect(told.length).toBeLessThan(segments * each)
    expect(told.every((row) => row.bytes.charCodeAt(0) === letter(row.seq))).toBe(true)
    file.close()
  })
})
