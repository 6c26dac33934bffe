// `--capture FILE`: everything that listen, connect and relay see goes into a capture file as well, whatever becomes of the
// lines on standard output. Counterparts: main/archive (which writes it), session.ts (which starts and ends it), info.ts.
import { closeSync, lstatSync, openSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { RecordingState } from '../../preload/contract/captures.ts'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import type { Archive } from '../archive/archive.ts'
import { whyNoCaptures } from '../archive/archive-host.ts'
import { createMemoryCapture } from '../archive/memory-capture.ts'
import { createEngineHost, type EngineHost } from '../engine-host.ts'
import { startArchive } from '../workbench.ts'
import { missingBytesIn } from './capture-facts.ts'
import { printable } from './human-line.ts'
import { wholeBytes } from './options.ts'

export interface RecordingOptions {
  /** The file to record to. */
  readonly capture?: string
  /** Replaces a file that is there. */
  readonly force?: true
  /** Sockets wait for the file. */
  readonly waitForCapture?: true
  /** Bytes of each payload that are kept; all unless given. */
  readonly snap?: number
}

/** Gives a command that runs an endpoint the options to record it. */
export const withRecordingOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--capture <FILE>',
        'also record every event with all its bytes to FILE, for “wireloop open” and “wireloop info”; FILE has them ' +
          'where a slow reader of --json is given lines without data',
      ),
    )
    .addOption(new Option('--force', 'let --capture replace a file that is there'))
    .addOption(
      new Option(
        '--wait-for-capture',
        'read no faster from sockets than FILE is written, so that nothing is left out of it',
      ),
    )
    .addOption(
      new Option('--snap <BYTES>', 'bytes of each payload that FILE keeps; all unless given').argParser(wholeBytes),
    )
    .hook('preAction', () => {
      const { capture, force, waitForCapture, snap }: RecordingOptions = command.opts()
      const idle = force ? '--force' : waitForCapture ? '--wait-for-capture' : snap === undefined ? null : '--snap'
      if (capture === undefined && idle !== null) command.error(`error: ${idle} is of use with --capture FILE only`)
    })

/** What a capture file leaves beside itself while it is written. */
const sidecars = ['-wal', '-shm', '-journal'] as const

/** Bytes that may wait for the disk: what is asked for in words is worth some memory. */
const waitingBytes = 192 * 1024 * 1024

const whyNoPlace: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'what should be its folder is a file',
  EACCES: 'its folder may not be written to',
  EPERM: 'its folder may not be written to',
  EROFS: 'its folder cannot be written to',
  ENOSPC: 'the disk is full',
}

/** Makes sure, before any socket is opened, that a file can be made there. Value: its path. */
const preparePlace = (file: string, force: boolean): Result<string> => {
  const path = resolve(file)
  const refuse = (code: string, why: string) => fail(code, `Cannot record to ${file}: ${why} (${code})`)
  try {
    const there = lstatSync(path, { throwIfNoEntry: false })
    if (there?.isDirectory() === true) return refuse('EISDIR', 'it is a folder')
    if (there !== undefined && !force)
      return refuse('EEXIST', 'it exists already; name another file, or replace it with --force')
    for (const part of ['', ...sidecars]) rmSync(path + part, { force: true })
    // Whoever asked for a file learns now that there can be none, and not once the connections are over.
    closeSync(openSync(path, 'wx'))
    rmSync(path)
    return ok(path)
  } catch (error) {
    const { code = 'error', message } = error as NodeJS.ErrnoException
    return refuse(code, whyNoPlace[code] ?? message)
  }
}

/** One recording, from the first event to the end. */
export interface Recorder {
  /**
   * Writes what is waiting and closes the file. Value: a sentence on what it holds. Failure: the file lacks something at
   * its end.
   */
  end(): Promise<Result<string>>
}

const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`

/** What a recording that is over says of itself. */
const ending = async (file: string, path: string, state: RecordingState): Promise<Result<string>> => {
  // What was not wanted is not missing.
  const snapped = state.limits.snapBytes !== null
  const { to, reason, file: info, waitingEvents, lostEvents } = state
  const lacking = waitingEvents + lostEvents
  const lacks = lacking === 0 ? '' : ` It lacks ${plural(lacking, 'event', 'events')}.`
  if (to === 'memory') return fail('not-recorded', `${file} is not whole: ${reason}.${lacks}`)
  if (info === null) return fail('not-recorded', `${file} was not made: there was nothing to record`)
  const { events, payloadBytes, sizeBytes, droppedEvents } = info
  const missingBytes = snapped ? null : await missingBytesIn(path)
  const dropped = [
    droppedEvents === 0 ? null : plural(droppedEvents, 'event', 'events'),
    missingBytes === null || missingBytes === 0 ? null : `${plural(missingBytes, 'byte', 'bytes')} of payload`,
  ].filter((what) => what !== null)
  return ok(
    `${file} holds ${plural(events, 'event', 'events')} with ${plural(payloadBytes, 'byte', 'bytes')} of payload ` +
      `(${plural(sizeBytes, 'byte', 'bytes')} on disk); ` +
      (dropped.length === 0
        ? 'nothing is missing.'
        : `it lacks ${dropped.join(' and ')} that came faster than the disk takes.`) +
      lacks,
  )
}

/** Feeds an archive with all that the engine tells from now on. */
const feed = async (engine: EngineHost, path: string, snapBytes: number | null): Promise<Archive> => {
  // What a file that is lost on the way had, as far as memory goes back.
  const newest = createMemoryCapture(undefined, engine.giveBack)
  engine.onBatch((buffer) => {
    newest.append(buffer)
    return 'kept'
  })
  const archive = startArchive(engine, newest, {
    folder: dirname(path),
    file: path,
    // Whoever names a file for one run wants all of it: it ends where the disk does, and that is told.
    limits: { maxBytes: Number.MAX_SAFE_INTEGER, snapBytes },
    waitingBytes,
  })
  await archive.ready
  return archive
}

export interface RecordingPlan {
  /** An engine that sockets make wait, where that was asked for. */
  createEngine(): Promise<EngineHost>
  begin(engine: EngineHost): Promise<Recorder>
}

/** How to record, once it is known that a file can be made. Null where nothing is to be recorded. */
export const planRecording = ({
  capture,
  force,
  waitForCapture,
  snap,
}: RecordingOptions): Result<RecordingPlan | null> => {
  if (capture === undefined) return ok(null)
  const unavailable = whyNoCaptures()
  if (unavailable !== null) return fail('unsupported', unavailable)
  const place = preparePlace(capture, force === true)
  if (!place.ok) return place
  const begin = async (engine: EngineHost): Promise<Recorder> => {
    const archive = await feed(engine, place.value, snap ?? null)
    let told = false
    archive.onRecording(({ to, reason }) => {
      if (to === 'file' || told) return
      told = true
      process.stderr.write(`wireloop: ${printable(`${reason}. Recording goes on in memory`)}\n`)
    })
    return {
      async end() {
        await archive.dispose()
        return ending(capture, place.value, archive.recording())
      },
    }
  }
  return ok({ begin, createEngine: () => createEngineHost({ waits: waitForCapture === true }) })
}
