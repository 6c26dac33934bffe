// A page's exports, imports and replays: begun, gone on with piece by piece as the page asks, and ended with it. Counterparts:
// preload/contract/exports.ts (the commands), renderer/export (who asks), exporting.ts, main/replay, archive-host.ts.
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { ExportCommands, ExportProgress, ExportSpec } from '../../preload/contract/exports.ts'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import type { PageView } from '../capture-commands.ts'
import { type Replay, startReplay } from '../replay/replay.ts'
import type { Workbench } from '../workbench.ts'
import { createExporting, type Exporting, extensionOf, mimeTypeOf } from './exporting.ts'
import { ExportFailure } from './source.ts'
import { openViewSource, type ViewSource } from './view-source.ts'

/** Exports, imports and replays of one page that may be under way at once. */
export const maxAtOnce = 4
/** Bytes of an export that are told at once, unless one chunk is more. */
export const pieceBytes = 512 * 1024
/** The longest that the host writes to a file before it tells how far it is, in ms. */
const writingMs = 100
/** The largest packet capture that a page may hand over: 4 GiB. */
export const maxImportBytes = 4 * 1024 * 1024 * 1024
/** How often a replay tells of itself at least, in ms. */
const replayMs = 250

type ExportHandlers = {
  [K in keyof ExportCommands]: (args: ExportCommands[K]['args']) => Promise<Result<ExportCommands[K]['value']>>
}

export interface PageExports {
  readonly commands: ExportHandlers
  /** The page is gone. */
  dispose(): void
}

interface RunningExport {
  readonly source: ViewSource
  readonly exporting: Exporting
  /** Where the host writes; null where the page gets the bytes. */
  readonly file: { readonly handle: Awaited<ReturnType<typeof open>>; readonly path: string } | null
  readonly firstSeq: number
  readSeq: number
  busy: boolean
  ended: boolean
}

interface RunningImport {
  readonly folder: string
  readonly path: string
  readonly name: string
  readonly handle: Awaited<ReturnType<typeof open>>
  bytes: number
  busy: boolean
}

const tooMany = fail('too-many', `At most ${maxAtOnce} exports, imports and replays go on at once in a page`)
const notThere = (what: string): Result<never> => fail('not-found', `There is no such ${what}`)

/** A page is always answered: one that waits for a piece would never learn that none comes. */
const reasonOf = (error: unknown): Result<never> => {
  if (error instanceof ExportFailure) return { ok: false, failure: error.failure }
  const { code, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) }
  if (code === undefined) return fail('failed', `Wireloop has made a mistake here: ${message}`)
  return fail(code, `The file cannot be written: ${message}`)
}

/** What a file of an export is called unless somebody says otherwise. */
const nameFor = ({ format, filter, direction }: ExportSpec, startedAtEpochMs: number): string => {
  const at = new Date(startedAtEpochMs).toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '.')
  const only = filter.connections?.length === 1 ? ` connection ${filter.connections[0]}` : ''
  const way = format === 'raw' && direction !== 'both' ? ` ${direction}` : ''
  return `wireloop ${at}${only}${way}.${extensionOf[format]}`
}

export const createPageExports = (workbench: Workbench, view: PageView): PageExports => {
  const exports = new Map<number, RunningExport>()
  const imports = new Map<number, RunningImport>()
  const replays = new Map<number, { readonly replay: Replay; readonly source: ViewSource }>()
  let lastId = 0
  let starting = 0
  let disposed = false

  const isFull = () => exports.size + imports.size + replays.size + starting >= maxAtOnce

  /** Counts what is being begun: several may be asked for before the first is there. */
  const begin = async <T>(run: () => Promise<Result<T>>): Promise<Result<T>> => {
    if (isFull() || disposed) return tooMany
    starting++
    try {
      return await run()
    } catch (error) {
      return reasonOf(error)
    } finally {
      starting--
    }
  }

  const endExport = async (id: number, isWhole: boolean) => {
    const running = exports.get(id)
    if (running === undefined) return
    exports.delete(id)
    running.ended = true
    running.source.dispose()
    if (running.file === null) return
    await running.file.handle.close().catch(() => undefined)
    // Half of an export is none.
    if (!isWhole) await rm(running.file.path, { force: true }).catch(() => undefined)
  }

  const endImport = async (id: number) => {
    const running = imports.get(id)
    if (running === undefined) return
    imports.delete(id)
    await running.handle.close().catch(() => undefined)
    await rm(running.folder, { recursive: true, force: true }).catch(() => undefined)
  }

  const endReplay = (id: number) => {
    const running = replays.get(id)
    if (running === undefined) return
    replays.delete(id)
    running.replay.cancel()
    void running.replay.done.finally(() => running.source.dispose())
  }

  /** The next bytes; empty where they are written here. */
  const nextPiece = async (running: RunningExport): Promise<{ data: Uint8Array; done: boolean }> => {
    const parts: Uint8Array[] = []
    let bytes = 0
    const until = performance.now() + writingMs
    while (running.file === null ? bytes < pieceBytes : performance.now() < until) {
      const { value, done } = await running.exporting.chunks.next()
      if (done === true || running.ended) return { data: Buffer.concat(parts), done: true }
      if (running.file === null) {
        parts.push(value)
        bytes += value.length
      } else await running.file.handle.writeFile(value)
    }
    return { data: parts.length === 1 ? parts[0]! : Buffer.concat(parts), done: false }
  }

  const commands: ExportHandlers = {
    startExport: ({ export: spec, to }) =>
      begin(async () => {
        if (to === 'file' && workbench.dialogs === null)
          return fail('refused', 'Files are chosen in the desktop app; elsewhere the browser saves the export')
        const opened = await openViewSource(workbench, view.source)
        if (!opened.ok) return opened
        const source = opened.value
        const name = nameFor(spec, source.startedAtEpochMs)
        try {
          const path = to === 'file' ? ((await workbench.dialogs?.choosePlace(name)) ?? null) : null
          if ((to === 'file' && path === null) || disposed) {
            source.dispose()
            return ok(null)
          }
          const file = path === null ? null : { handle: await open(path, 'w'), path }
          const id = ++lastId
          const running: RunningExport = {
            source,
            exporting: createExporting(source, spec, (seq) => {
              running.readSeq = seq
            }),
            file,
            firstSeq: source.firstSeq,
            readSeq: source.firstSeq,
            busy: false,
            ended: false,
          }
          exports.set(id, running)
          // The page went while the file was being opened.
          if (disposed) {
            await endExport(id, false)
            return ok(null)
          }
          return ok({
            id,
            name: path === null ? name : basename(path),
            mimeType: mimeTypeOf[spec.format],
            events: source.endSeq - source.firstSeq,
          })
        } catch (error) {
          source.dispose()
          throw error
        }
      }),
    async continueExport({ id }): Promise<Result<ExportProgress>> {
      const running = exports.get(id)
      if (running === undefined) return notThere('export')
      if (running.busy) return fail('wrong-state', 'The export is being waited for already')
      running.busy = true
      try {
        const { data, done } = await nextPiece(running)
        if (running.ended) return notThere('export')
        const { counts } = running.exporting
        if (done) await endExport(id, true)
        return ok({
          data: new Uint8Array(data),
          doneEvents: (done ? running.source.endSeq : running.readSeq) - running.firstSeq,
          summary: done ? { ...counts } : null,
        })
      } catch (error) {
        await endExport(id, false)
        return reasonOf(error)
      } finally {
        running.busy = false
      }
    },
    async cancelExport({ id }) {
      await endExport(id, false)
      return ok(null)
    },

    startImport: ({ name }) =>
      begin(async () => {
        if (workbench.archive === null)
          return fail('wrong-state', 'This Wireloop records to memory and keeps no capture files')
        const folder = await mkdtemp(join(tmpdir(), 'wireloop-import-'))
        const path = join(folder, 'packets')
        const handle = await open(path, 'wx', 0o600).catch(async (error) => {
          await rm(folder, { recursive: true, force: true }).catch(() => undefined)
          throw error
        })
        const id = ++lastId
        imports.set(id, { folder, path, name, handle, bytes: 0, busy: false })
        if (!disposed) return ok(id)
        await endImport(id)
        return notThere('page any more')
      }),
    async continueImport({ id, data, done }) {
      const running = imports.get(id)
      if (running === undefined) return notThere('import')
      if (running.busy) return fail('wrong-state', 'The import is being waited for already')
      running.busy = true
      try {
        running.bytes += data.length
        if (running.bytes > maxImportBytes) {
          await endImport(id)
          return fail(
            'too-large',
            `A page hands over at most ${maxImportBytes} bytes; “wireloop import” takes larger files`,
          )
        }
        await running.handle.writeFile(data)
        if (!done) return ok(null)
        const imported = await workbench.archive!.importPackets(running.path, running.name)
        await endImport(id)
        return imported
      } catch (error) {
        await endImport(id)
        return reasonOf(error)
      } finally {
        running.busy = false
      }
    },
    async cancelImport({ id }) {
      await endImport(id)
      return ok(null)
    },

    startReplay: ({ replay: spec }) =>
      begin(async () => {
        const opened = await openViewSource(workbench, view.source)
        if (!opened.ok) return opened
        const source = opened.value
        try {
          const replay = await startReplay(workbench.engine, source, spec)
          if (!replay.ok) {
            source.dispose()
            return replay
          }
          const id = ++lastId
          replays.set(id, { replay: replay.value, source })
          if (disposed) endReplay(id)
          return ok(id)
        } catch (error) {
          source.dispose()
          throw error
        }
      }),
    async continueReplay({ id }) {
      const running = replays.get(id)
      if (running === undefined) return notThere('replay')
      let timer: NodeJS.Timeout | undefined
      await Promise.race([
        running.replay.changed(),
        new Promise<void>((resolve) => {
          timer = setTimeout(resolve, replayMs)
        }),
      ])
      clearTimeout(timer)
      const progress = running.replay.progress()
      if (progress.report !== null) {
        replays.delete(id)
        running.source.dispose()
      }
      return ok(progress)
    },
    async cancelReplay({ id }) {
      // Its report is still to come.
      replays.get(id)?.replay.cancel()
      return ok(null)
    },
  }

  return {
    commands,
    dispose() {
      disposed = true
      for (const id of [...exports.keys()]) void endExport(id, false)
      for (const id of [...imports.keys()]) void endImport(id)
      for (const id of [...replays.keys()]) endReplay(id)
    },
  }
}
