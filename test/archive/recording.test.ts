// Recording to a file with the real threads: what arrives is there, and where the file cannot be written to it goes on in
// memory and is written later. Counterparts: main/archive/archive-host.ts, recording.ts.
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultLimits } from '../../main/archive/archive-host.ts'
import { createMemoryCapture } from '../../main/archive/memory-capture.ts'
import type { EndpointId, EndpointInfo, StateChange } from '../../preload/contract/vocabulary.ts'
import { data, lost, made, makeBatch } from '../renderer/support/batches.ts'
import { expectOk } from '../support/engine.ts'
import { until } from '../support/loopback.ts'
import { canMount, mountSmallDisk, readerRows, startArchive } from './support/archives.ts'
import { type Row, rowsOf, temporaryFolder } from './support/captures.ts'

const mebibyte = 1024 * 1024
/** Retries come once a second, on a machine that may be busy. */
const patienceMs = 15_000

const endpointInfo = (id: number, snapBytes?: number): EndpointInfo => ({
  id: id as EndpointId,
  spec: {
    role: 'listener',
    name: `listener ${id}`,
    host: '127.0.0.1',
    port: 0,
    reply: 'echo',
    greeting: Uint8Array.of(1, 2, 255),
    ...(snapBytes === undefined ? {} : { snapBytes }),
  },
  state: 'live',
  reason: null,
  local: { host: '127.0.0.1', port: 4000 + id },
  connectionsNow: 0,
  connectionsTotal: 0,
  notAccepted: null,
  held: 0,
  traffic: { bytesReceived: 0, bytesSent: 0, messagesReceived: 0, messagesSent: 0 },
})

const stateOf = (...endpoints: EndpointInfo[]): StateChange => ({
  seq: 1,
  probe: 'off',
  endpoints,
  connections: [],
  removedEndpoints: [],
  removedConnections: [],
})

const preview = (rows: readonly Row[]) => rows.map((row) => ({ ...row, bytes: row.bytes.slice(0, 256) }))

describe('Recording', () => {
  it('makes no file before the first event, and then one that has what was recorded when a question comes', async () => {
    const { archive, folder, record } = startArchive()
    archive.recordState(stateOf(endpointInfo(1)))
    expect(await archive.live.ask('filterEvents', { filter: {} })).toMatchObject({ ok: false })
    expect(readdirSync(folder)).toEqual([])
    const rows = record([made(1, 1), data(2, 1, 'received', 1000), lost(3, 1, 'closed-by-peer')])
    const { matches, endSeq } = expectOk(await archive.live.ask('filterEvents', { filter: {} }))
    expect([matches, endSeq]).toEqual([3, 4])
    expect(await readerRows(archive.live)).toEqual(preview(rows))
    const snapshot = expectOk(await archive.live.snapshot())
    expect(snapshot.endpoints).toEqual([endpointInfo(1)])
    expect(snapshot.connections).toMatchObject([{ id: 1, state: 'lost', traffic: { bytesReceived: 1000 } }])
    expect(archive.recording()).toMatchObject({ to: 'file', reason: null, limits: defaultLimits, waitingEvents: 0 })
  })

  it('gives every buffer back, and leaves one closed file', async () => {
    const { archive, folder, stop } = startArchive()
    let given = 0
    for (let i = 0; i < 100; i++) {
      const { buffer } = makeBatch(i * 2 + 1, [data(i, 1, 'sent', 50_000), data(i, 1, 'received', 10)])
      // As the engine lends them.
      const shared = new SharedArrayBuffer(buffer.byteLength)
      new Uint8Array(shared).set(new Uint8Array(buffer))
      archive.record(shared, () => given++)
    }
    await until(
      () => given === 100,
      () => `100 buffers back, of which ${given} are`,
    )
    await stop()
    const [name, ...others] = readdirSync(folder)
    expect(others).toEqual([])
    const again = startArchive({ folder })
    const info = expectOk(await again.archive.know(join(folder, name!)))
    expect(info).toMatchObject({ state: 'closed', events: 200, droppedEvents: 0, payloadBytes: 5_001_000 })
  })

  it('keeps as much of payloads as the capture or the endpoint says, and their true length', async () => {
    const { archive, record } = startArchive({ limits: { snapBytes: 100 } })
    archive.recordState(stateOf(endpointInfo(2, 5), endpointInfo(3, 1000)))
    const events = [1, 2, 3].flatMap((endpoint) => [
      { ...made(endpoint, endpoint), endpoint },
      { ...data(endpoint, endpoint, 'received', 500), endpoint },
      { ...data(endpoint, endpoint, 'sent', 3), endpoint },
    ])
    const rows = record(events)
    const kept = async () => {
      await archive.live.ask('filterEvents', { filter: {} })
      const payloads = []
      for (const { seq, kind } of rows)
        if (kind.startsWith('data')) payloads.push(expectOk(await archive.live.payload(seq)))
      return payloads.map((payload) => [payload.data.length, payload.length])
    }
    expect(await kept()).toEqual([
      [100, 500],
      [3, 3],
      [5, 500],
      [3, 3],
      [500, 500],
      [3, 3],
    ])
    expect((await readerRows(archive.live)).filter((row) => row.kind === 'connection-made')).toEqual(
      rows.filter((row) => row.kind === 'connection-made'),
    )
  })

  it('leaves out payloads and then events that come faster than they can be written, and counts them', async () => {
    const { archive, record } = startArchive()
    // In one go: the thread cannot take any of it in meanwhile.
    const events = 90
    for (let i = 0; i < events; i++) record([data(i, 1, 'received', new Uint8Array(mebibyte).fill(i))])
    const { lostEvents } = archive.recording()
    await archive.live.ask('filterEvents', { filter: {} })
    record([data(events, 1, 'sent', 10)])
    await archive.live.ask('filterEvents', { filter: {} })
    const rows = await readerRows(archive.live)
    const whole = rows.filter((row) => row.bytes.length > 0).length
    expect(whole).toBeGreaterThanOrEqual(48)
    expect(whole).toBeLessThan(64)
    // The rest is there without payload, at no cost; so nothing had to be left out.
    expect(rows.length + lostEvents).toBe(events + 1)
    expect(rows.every((row, i) => row.seq === i + 1 && (row.length === mebibyte || row.length === 10))).toBe(true)
    expect(archive.live.info().droppedEvents).toBe(lostEvents)
  })

  it('writes its limits into the file, keeps to them from then on, and tells what they are', async () => {
    const { archive, record } = startArchive()
    for (let i = 0; i < 30; i++) record([data(i, 1, 'received', mebibyte)])
    await archive.live.ask('filterEvents', { filter: {} })
    const limits = { maxBytes: 10 * mebibyte, maxDays: null, snapBytes: null }
    expect(expectOk(await archive.setLimits(limits)).limits).toEqual(limits)
    const { firstSeq, droppedEvents, storedBytes, limitBytes } = archive.live.info()
    expect(storedBytes).toBeLessThanOrEqual(limits.maxBytes)
    expect(firstSeq).toBeGreaterThan(20)
    expect([droppedEvents, limitBytes]).toEqual([firstSeq - 1, limits.maxBytes])
  })
})

describe('A file that was removed while it was recorded to', () => {
  it('is followed by a new one, which begins with what memory still has', async () => {
    const memory = createMemoryCapture()
    const test = startArchive({ tail: (fromSeq) => memory.read(fromSeq, mebibyte, Number.POSITIVE_INFINITY) })
    const rows: Row[] = []
    const record = (at: number) => {
      const batch = makeBatch(rows.length + 1, [made(at, at), data(at, at, 'received', 100)])
      rows.push(...rowsOf(batch))
      memory.append(batch.buffer)
      test.archive.record(batch.buffer, () => undefined)
    }
    record(1)
    record(2)
    await test.archive.live.ask('filterEvents', { filter: {} })
    const first = test.archive.recording().file!
    for (const end of ['', '-wal', '-shm']) rmSync(join(first.folder, first.name + end))
    let at = 3
    await until(
      () => {
        if (test.archive.recording().to === 'file') record(at++)
        return test.archive.recording().to === 'memory'
      },
      () => 'the loss to be noticed',
      patienceMs,
    )
    expect(test.archive.recording().reason).toMatch(/was removed while it was recorded to$/)
    record(at++)
    await test.goesTo('file', patienceMs)
    record(at++)
    await test.archive.live.ask('filterEvents', { filter: {} })
    expect(await readerRows(test.archive.live)).toEqual(rows)
    expect(test.archive.live.info()).toMatchObject({ firstSeq: 1, droppedEvents: 0 })
  })
})

describe('A file that was cut short while it was recorded to', () => {
  it('is left as it is, and followed by a new one', async () => {
    const { archive, record, goesTo } = startArchive()
    for (let i = 0; i < 20; i++) record([data(i, 1, 'received', mebibyte)])
    await archive.live.ask('filterEvents', { filter: {} })
    const file = archive.recording().file!
    const path = join(file.folder, file.name)
    await until(
      () => statSync(path).size > 4 * mebibyte,
      () => 'the file to have grown',
    )
    truncateSync(path, mebibyte)
    await until(
      () => {
        if (archive.recording().to === 'file') record([data(30, 1, 'received', 10)])
        return archive.recording().to === 'memory'
      },
      () => 'the loss to be noticed',
      patienceMs,
    )
    expect(archive.recording().reason).toMatch(/cut short|damaged/)
    await goesTo('file', patienceMs)
    expect(archive.recording().file!.name).not.toBe(file.name)
  })
})

describe.skipIf(!canMount)('A folder that cannot be written to', () => {
  it('lets recording go on in memory, with the reason, and has all of it once it can be', async () => {
    const disk = mountSmallDisk(64)
    disk.setReadOnly(true)
    const { archive, record, goesTo } = startArchive({ folder: join(disk.folder, 'captures') })
    const told: string[] = []
    archive.onRecording(({ to }) => told.push(to))
    const rows = record([made(1, 1), data(2, 1, 'received', 100)])
    await goesTo('memory')
    expect(archive.recording()).toMatchObject({
      reason: `The folder ${join(disk.folder, 'captures')} cannot be written to`,
      file: null,
      waitingEvents: 2,
    })
    rows.push(...record([data(3, 1, 'sent', 100), lost(4, 1, 'closed-here')]))
    disk.setReadOnly(false)
    await goesTo('file', patienceMs)
    await archive.live.ask('filterEvents', { filter: {} })
    expect(await readerRows(archive.live)).toEqual(rows)
    expect(expectOk(await archive.live.snapshot()).connections).toMatchObject([{ id: 1, state: 'lost' }])
    expect(told).toEqual(['memory', 'file'])
  })

  it('lets the oldest go beyond the bound of what waits, and counts them in the file', async () => {
    const disk = mountSmallDisk(256)
    disk.setReadOnly(true)
    const { archive, record, goesTo } = startArchive({ folder: join(disk.folder, 'captures') })
    record([data(0, 1, 'received', mebibyte)])
    await goesTo('memory')
    for (let i = 1; i < 100; i++) {
      record([data(i, 1, 'received', mebibyte)])
      if (i % 20 === 0) await archive.setLimits(defaultLimits)
    }
    disk.setReadOnly(false)
    await goesTo('file', patienceMs)
    const { firstSeq, nextSeq, droppedEvents } = archive.live.info()
    expect(nextSeq).toBe(101)
    expect(firstSeq).toBeGreaterThan(30)
    expect(firstSeq).toBeLessThan(45)
    expect([droppedEvents, archive.recording().lostEvents]).toEqual([firstSeq - 1, firstSeq - 1])
  })
})

describe.skipIf(!canMount)('A full disk', () => {
  it('lets recording go on in memory, and has all of it once there is room', async () => {
    const { folder } = mountSmallDisk(24)
    const { archive, record, goesTo } = startArchive({ folder })
    const ballast = join(folder, 'ballast')
    const rows = record([made(0, 1)])
    await archive.live.ask('filterEvents', { filter: {} })
    writeFileSync(ballast, new Uint8Array(18 * mebibyte))
    let at = 1
    await until(
      () => {
        if (archive.recording().to === 'file') rows.push(...record([data(at++, 1, 'received', 200 * 1024)]))
        return archive.recording().to === 'memory'
      },
      () => 'the disk to be full',
      patienceMs,
    )
    expect(archive.recording().reason).toBe(`The disk that ${folder} is on is full, or cannot be written to`)
    rows.push(...record([data(at++, 1, 'sent', 300)]))
    rmSync(ballast)
    await goesTo('file', patienceMs)
    rows.push(...record([lost(at++, 1, 'closed-here')]))
    await archive.live.ask('filterEvents', { filter: {} })
    expect(await readerRows(archive.live)).toEqual(preview(rows))
    expect(archive.live.info()).toMatchObject({ droppedEvents: 0, nextSeq: rows.length + 1 })
    const { id } = archive.recording().file!
    expect(expectOk(await archive.check(id)).problems).toEqual([])
  })
})

describe('Captures of a folder', () => {
  it('are listed, opened, copied while they are recorded, and deleted; the one that is recorded is not', async () => {
    const { archive, folder, record } = startArchive()
    const rows = record([made(1, 1), data(2, 1, 'received', 1000)])
    await archive.live.ask('filterEvents', { filter: {} })
    const [own] = expectOk(await archive.list())
    expect(own).toMatchObject({ state: 'recording', events: 2, folder })
    const copy = expectOk(await archive.save(own!.id, { name: 'Tuesday' }))
    expect(copy).toMatchObject({ name: 'Tuesday.wireloop', state: 'closed', events: 2 })
    expect(await archive.save(own!.id, { name: 'Tuesday' })).toMatchObject({ failure: { code: 'EEXIST' } })
    record([lost(3, 1, 'closed-here')])
    const reader = expectOk(await archive.open(copy.id))
    expect(await readerRows(reader)).toEqual(preview(rows))
    expect(reader.info()).toMatchObject({ firstSeq: 1, nextSeq: 3 })
    expectOk(await reader.ask('setBookmark', { seq: 2, note: 'here' }))
    expect(await reader.ask('bookmarks', null)).toEqual({ ok: true, value: [{ seq: 2, note: 'here' }] })
    expectOk(await reader.ask('setBookmark', { seq: 2, note: null }))
    expect(await reader.ask('bookmarks', null)).toEqual({ ok: true, value: [] })
    expect(expectOk(await archive.check(copy.id))).toEqual({ problems: [], segments: 1, damagedSegments: 0, events: 2 })
    expect(expectOk(await archive.compact(copy.id))).toBeGreaterThanOrEqual(0)
    reader.dispose()
    expect(await archive.delete(own!.id)).toMatchObject({ failure: { code: 'wrong-state' } })
    expectOk(await archive.delete(copy.id))
    expect(expectOk(await archive.list()).map(({ name }) => name)).toEqual([own!.name])
    expect(await archive.open(copy.id)).toMatchObject({ failure: { code: 'not-found' } })
  })

  it('are copied as of one moment, however much is recorded meanwhile', async () => {
    const { archive, record } = startArchive()
    const one = (at: number) => record([data(at, 1, 'received', new Uint8Array(mebibyte).fill(at))])
    for (let at = 0; at < 40; at++) one(at)
    await archive.live.ask('filterEvents', { filter: {} })
    const [own] = expectOk(await archive.list())
    let saving = true
    const saved = archive.save(own!.id, { name: 'copy' }).finally(() => {
      saving = false
    })
    let at = 40
    while (saving) {
      if (at < 2000) one(at++)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    const copy = expectOk(await saved)
    expect(copy.events).toBeGreaterThanOrEqual(40)
    expect(copy.events).toBeLessThan(at)
    expect(expectOk(await archive.check(copy.id))).toMatchObject({ problems: [], events: copy.events })
  })

  it('replace a file that a person has named and been asked about, and nothing else', async () => {
    const folder = temporaryFolder()
    const { archive, record } = startArchive()
    record([data(1, 1, 'received', new Uint8Array(3))])
    await archive.live.ask('filterEvents', { filter: {} })
    const [own] = expectOk(await archive.list())
    const path = join(folder, 'kept.wireloop')
    writeFileSync(path, 'Dear diary')
    writeFileSync(join(folder, 'named.wireloop'), 'Dear diary')
    expect(expectOk(await archive.save(own!.id, { path })).events).toBe(1)
    expect(await archive.save(own!.id, { path: join(folder, 'named') })).toMatchObject({ failure: { code: 'EEXIST' } })
    expect(readFileSync(join(folder, 'named.wireloop'), 'utf8')).toBe('Dear diary')
    const itself = join(own!.folder, own!.name)
    expect(await archive.save(own!.id, { path: itself })).toMatchObject({ failure: { code: 'wrong-state' } })
    expect(expectOk(await archive.check(own!.id)).events).toBe(1)
  })

  it('may be anything: what is no capture is not listed, and refused by name', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'notes.wireloop'), 'Dear diary')
    writeFileSync(join(folder, 'empty.wireloop'), '')
    const { archive } = startArchive({ folder })
    expect(expectOk(await archive.list())).toEqual([])
    expect(await archive.know(join(folder, 'notes.wireloop'))).toMatchObject({
      failure: { code: 'not-a-capture', message: 'notes.wireloop is no Wireloop capture' },
    })
    expect(await archive.know(join(folder, 'nowhere.wireloop'))).toMatchObject({ ok: false })
  })

  it('answers a search as it goes, and not after it was cancelled', async () => {
    const { archive, record } = startArchive()
    for (let i = 0; i < 40; i++) record([data(i, 1, 'received', new Uint8Array(mebibyte).fill(97 + (i % 20)))])
    const search = { pattern: 'tttttttttttttttt', notation: 'text', ignoreCase: false, filter: {} } as const
    const cancelled = expectOk(await archive.live.ask('startSearch', { search }))
    const waiting = archive.live.ask('continueSearch', { search: cancelled })
    await archive.live.ask('cancelSearch', { search: cancelled })
    expect((await waiting).ok && (await archive.live.ask('continueSearch', { search: cancelled })).ok).toBe(false)
    const again = expectOk(
      await archive.live.ask('startSearch', { search: { ...search, pattern: 'aq', ignoreCase: true } }),
    )
    for (let seen = 0; ; ) {
      const { done, scannedBytes, totalBytes } = expectOk(await archive.live.ask('continueSearch', { search: again }))
      expect(scannedBytes).toBeGreaterThanOrEqual(seen)
      seen = scannedBytes
      if (!done) continue
      expect(scannedBytes).toBe(totalBytes)
      break
    }
  })

  it('answers again after a regular expression that would have taken for ever was cancelled', async () => {
    const { archive, record } = startArchive()
    const rows = record([data(1, 1, 'received', new TextEncoder().encode(`${'a'.repeat(60)}b`))])
    const search = { pattern: '(a+)+$', notation: 'regex', ignoreCase: false, filter: {} } as const
    const stuck = expectOk(await archive.live.ask('startSearch', { search }))
    const waiting = archive.live.ask('continueSearch', { search: stuck })
    // A way to the other thread and back: the search has begun by then.
    await archive.setLimits(defaultLimits)
    await archive.live.ask('cancelSearch', { search: stuck })
    expect(await waiting).toMatchObject({ ok: false })
    expect(await readerRows(archive.live)).toEqual(rows)
  })
})
