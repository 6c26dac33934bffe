// What a page gets of exports, imports and replays: pieces as it asks for them, of what it looks at, ended when it goes.
// Counterpart: main/export/page-exports.ts.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { maxAtOnce } from '../../main/export/page-exports.ts'
import { type ExportSpec, importPieceBytes } from '../../preload/contract/exports.ts'
import type { ConnectionId } from '../../preload/contract/vocabulary.ts'
import { temporaryFolder } from '../archive/support/captures.ts'
import { startWorkbench } from '../support/engine.ts'
import { until } from '../support/loopback.ts'
import { pingPong, pingPongMessage } from '../support/ping-pong.ts'
import { openPage, type Page } from './page.ts'

const spec = (more: Partial<ExportSpec> = {}): ExportSpec => ({
  format: 'raw',
  filter: {},
  direction: 'received',
  comments: true,
  ...more,
})

/** All pieces of an export, and its summary. */
const exportAll = async (page: Page, asked: ExportSpec) => {
  const started = (await page.do('startExport', { export: asked, to: 'page' }))!
  const pieces: Uint8Array[] = []
  for (;;) {
    const { data, summary, doneEvents } = await page.do('continueExport', { id: started.id })
    pieces.push(data)
    expect(doneEvents).toBeLessThanOrEqual(started.events)
    if (summary !== null) return { started, pieces, bytes: Buffer.concat(pieces), summary }
  }
}

const startWith = async (
  options: Parameters<typeof startWorkbench>[0],
  traffic: { messages: number; size: number },
) => {
  const test = await startWorkbench(options)
  const { port } = await test.listen()
  await pingPong(port, { connections: 2, ...traffic })
  await until(
    () => test.told.events.filter(({ kind }) => kind === 'connection-lost').length === 2,
    () => 'both connections to be lost',
  )
  return { test, port }
}

const wholeOf = (connection: number, { messages, size }: { messages: number; size: number }) =>
  Buffer.concat(Array.from({ length: messages }, (_, n) => pingPongMessage(connection, n, size)))

describe('An export to a page', () => {
  const traffic = { messages: 300, size: 5000 }

  it.each([
    { where: 'memory', options: () => ({}) },
    { where: 'a file', options: () => ({ captures: { folder: temporaryFolder() }, captureLimitBytes: 256 * 1024 }) },
  ])('comes piece by piece out of $where, and is whole', async ({ where, options }) => {
    if (where === 'a file' && !isBuiltin('node:sqlite')) return
    const { test } = await startWith(options(), traffic)
    const page = openPage(test.workbench)
    const wanted = [0, 1].map((c) => wholeOf(c, traffic).toString('base64')).sort()
    const got: string[] = []
    const made = test.told.events.filter(({ kind }) => kind === 'connection-made')
    for (const { connection } of made) {
      const { started, pieces, bytes, summary } = await exportAll(
        page,
        spec({ filter: { connections: [connection as ConnectionId] } }),
      )
      got.push(bytes.toString('base64'))
      expect(summary).toMatchObject({ connections: 1, missingBytes: 0, payloadBytes: traffic.messages * traffic.size })
      expect(summary.writtenBytes).toBe(bytes.length)
      expect(started.name).toMatch(new RegExp(`^wireloop .* connection ${connection} received\\.bin$`))
      expect(pieces.length).toBeGreaterThan(1)
      for (const piece of pieces) expect(piece.length).toBeLessThan(2 * 1024 * 1024)
    }
    expect(got.sort()).toEqual(wanted)
  })

  it('can be cancelled, is not there twice, and ends with its page', async () => {
    const { test } = await startWith({}, { messages: 3, size: 10 })
    const page = openPage(test.workbench)
    const ids: number[] = []
    for (let i = 0; i < maxAtOnce; i++)
      ids.push((await page.do('startExport', { export: spec({ format: 'jsonl' }), to: 'page' }))!.id)
    const again = { export: spec(), to: 'page' }
    expect(await page.session.invoke('startExport', again)).toMatchObject({ ok: false, failure: { code: 'too-many' } })
    await page.do('cancelExport', { id: ids[0]! })
    expect(await page.session.invoke('continueExport', { id: ids[0] })).toMatchObject({
      ok: false,
      failure: { code: 'not-found' },
    })
    expect(await page.session.invoke('startExport', { ...again, to: 'file' })).toMatchObject({
      ok: false,
      failure: { code: 'refused' },
    })
    page.session.dispose()
    expect(await page.session.invoke('continueExport', { id: ids[1] })).toMatchObject({ ok: false })
  })

  it('is written by the host where the person chose a place there', async () => {
    const path = join(temporaryFolder(), 'out.jsonl')
    let chosen: string | null = path
    const dialogs = { chooseCapture: async () => null, choosePlace: async () => chosen }
    const { test } = await startWith({ dialogs }, { messages: 3, size: 10 })
    const page = openPage(test.workbench)
    const begin = () => page.do('startExport', { export: spec({ format: 'jsonl' }), to: 'file' })
    const started = (await begin())!
    expect(started.name).toBe('out.jsonl')
    let summary = null
    while (summary === null) {
      const progress = await page.do('continueExport', { id: started.id })
      expect(progress.data).toHaveLength(0)
      summary = progress.summary
    }
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(test.told.events.length)
    expect(summary.events).toBe(lines.length)

    const second = (await begin())!
    await page.do('cancelExport', { id: second.id })
    await until(
      () => !existsSync(path),
      () => 'half of an export to be gone',
    )
    chosen = null
    expect(await begin()).toBeNull()
  })

  it('leaves no file where the page goes while it is being opened', async () => {
    const path = join(temporaryFolder(), 'out.jsonl')
    const dialogs = {
      chooseCapture: async () => null,
      choosePlace: async () => {
        // Behind what follows this answer, and before any file can be open.
        process.nextTick(() => page.session.dispose())
        return path
      },
    }
    const { workbench } = await startWorkbench({ dialogs })
    const page = openPage(workbench)
    expect(await page.session.invoke('startExport', { export: spec(), to: 'file' })).toEqual({ ok: true, value: null })
    expect(existsSync(path)).toBe(false)
  })

  it('answers with a failure where something is wrong that nobody foresaw', async () => {
    const dialogs = {
      chooseCapture: async () => null,
      choosePlace: async () => {
        throw new Error('no dialog today')
      },
    }
    const { workbench } = await startWorkbench({ dialogs })
    const page = openPage(workbench)
    expect(await page.session.invoke('startExport', { export: spec(), to: 'file' })).toMatchObject({
      ok: false,
      failure: { message: expect.stringContaining('no dialog today') },
    })
  })
})

describe.skipIf(!isBuiltin('node:sqlite'))('An import from a page', () => {
  it('becomes a capture that the page can open, and replay', async () => {
    const traffic = { messages: 5, size: 40 }
    const folder = temporaryFolder()
    const { test, port } = await startWith({ captures: { folder } }, traffic)
    const page = openPage(test.workbench)
    const { bytes } = await exportAll(page, spec({ format: 'pcapng' }))
    const id = await page.do('startImport', { name: '../../odd: name.pcapng' })
    let imported = null
    for (let at = 0; imported === null; at += importPieceBytes)
      imported = await page.do('continueImport', {
        id,
        data: new Uint8Array(bytes.subarray(at, at + importPieceBytes)),
        done: at + importPieceBytes >= bytes.length,
      })
    expect(imported.summary).toMatchObject({ connections: 2, missingBytes: 0, problems: [] })
    expect(imported.file).toMatchObject({ name: 'odd_ name.wireloop', folder, state: 'closed', connections: 2 })
    expect(readdirSync(folder)).toContain('odd_ name.wireloop')

    await page.do('openCapture', { capture: imported.file.id })
    const [first] = await page.do('readConnections', { fromConnection: 1 as ConnectionId, limit: 10 })
    expect(first!.traffic.bytesSent).toBe(traffic.messages * traffic.size)
    const replay = await page.do('startReplay', {
      replay: { connection: first!.id, direction: 'sent', host: '127.0.0.1', port, speed: 0, waitMs: 5000 },
    })
    let report = null
    while (report === null) report = (await page.do('continueReplay', { id: replay })).report
    expect(report).toMatchObject({ outcome: 'done', sentBytes: first!.traffic.bytesSent, difference: null })
  })

  it('leaves no folder where the page goes while that is being made', async () => {
    const { workbench } = await startWorkbench({ captures: { folder: temporaryFolder() } })
    const temporary = temporaryFolder()
    vi.stubEnv('TMPDIR', temporary)
    vi.stubEnv('TEMP', temporary)
    onTestFinished(() => void vi.unstubAllEnvs())
    const page = openPage(workbench)
    const answer = page.session.invoke('startImport', { name: 'x.pcap' })
    page.session.dispose()
    expect(await answer).toMatchObject({ ok: false, failure: { code: 'not-found' } })
    expect(readdirSync(temporary)).toEqual([])
  })

  it('is refused with a sentence where it is no packet capture, and leaves nothing', async () => {
    const folder = temporaryFolder()
    const { test } = await startWith({ captures: { folder } }, { messages: 1, size: 1 })
    const page = openPage(test.workbench)
    const captures = () => readdirSync(folder).filter((name) => name.endsWith('.wireloop'))
    const before = captures()
    const id = await page.do('startImport', { name: 'x.pcap' })
    const data = new TextEncoder().encode('this is no packet capture')
    expect(await page.session.invoke('continueImport', { id, data, done: true })).toMatchObject({
      ok: false,
      failure: { code: 'not-packets', message: expect.stringMatching(/neither pcapng nor pcap/) },
    })
    expect(captures()).toEqual(before)
  })
})
