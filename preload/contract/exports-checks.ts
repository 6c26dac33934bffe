// The checks of exports, imports and replays. Counterpart: exports.ts.
import * as v from 'valibot'
import { bytes, connection, host, id, maxSendBytes, remotePort, wholeNumber } from './check-basics.ts'
import {
  type ExportCommands,
  exportFormats,
  importPieceBytes,
  type PacingCommands,
  streamDirections,
} from './exports.ts'

/** The most chunks that are written on time with one command. */
export const maxPacedChunks = 10_000
/** A replay may be so many times faster than what is recorded, or slower. */
export const maxReplaySpeed = 1_000_000
const minReplaySpeed = 0.001
/** The longest that a replay waits for answers: 10 minutes. */
export const maxReplayWaitMs = 600_000

const number = id<number>('export, import or replay')

const name = v.pipe(
  v.string('The name of a file is text'),
  v.minLength(1, 'The file needs a name'),
  v.maxLength(200, 'The name of a file has at most 200 characters'),
)

const replay = v.strictObject({
  connection,
  direction: v.picklist(['received', 'sent'], 'Sent again is what was “received” or what was “sent”'),
  host,
  port: remotePort,
  speed: v.pipe(
    v.number('The speed is a number'),
    v.check(
      (speed) => speed === 0 || (speed >= minReplaySpeed && speed <= maxReplaySpeed),
      `The speed is 0 (as fast as it goes), or from ${minReplaySpeed} to ${maxReplaySpeed}`,
    ),
  ),
  waitMs: wholeNumber('The wait in ms', 1, maxReplayWaitMs),
})

/** `filter`: the schema of an `EventFilter`, which is defined with the commands that ask for one. */
export const exportArguments = <F extends v.GenericSchema>(filter: F) => ({
  startExport: v.strictObject({
    export: v.strictObject({
      format: v.picklist(exportFormats, `Formats are ${exportFormats.join(', ')}`),
      filter,
      direction: v.picklist(streamDirections, `Directions are ${streamDirections.join(', ')}`),
      comments: v.boolean('comments is true or false'),
    }),
    to: v.picklist(['page', 'file'], 'An export goes to the “page” or to a “file”'),
  }),
  continueExport: v.strictObject({ id: number }),
  cancelExport: v.strictObject({ id: number }),
  startImport: v.strictObject({ name }),
  continueImport: v.strictObject({
    id: number,
    data: bytes(importPieceBytes),
    done: v.boolean('done is true or false'),
  }),
  cancelImport: v.strictObject({ id: number }),
  startReplay: v.strictObject({ replay }),
  continueReplay: v.strictObject({ id: number }),
  cancelReplay: v.strictObject({ id: number }),
})

export const pacingArguments = {
  writePaced: v.strictObject({
    connection,
    origin: v.nullable(v.pipe(v.number('origin is a time in ms'), v.finite('origin is a finite time in ms'))),
    chunks: v.pipe(
      v.array(
        v.strictObject({
          atMs: v.pipe(
            v.number('atMs is a time in ms'),
            v.minValue(0, 'atMs is 0 or more'),
            v.finite('atMs is finite'),
          ),
          data: bytes(maxSendBytes),
        }),
        'Chunks are a list',
      ),
      v.maxLength(maxPacedChunks, `At most ${maxPacedChunks} chunks are written with one command`),
      v.check(
        (chunks) => chunks.reduce((sum, chunk) => sum + chunk.data.length, 0) <= maxSendBytes,
        `At most ${maxSendBytes} bytes are written with one command`,
      ),
    ),
  }),
} satisfies { [K in keyof PacingCommands]: v.GenericSchema<unknown, PacingCommands[K]['args']> }

/** A type error here means that a command has no check. */
export type CheckedExportCommands = { [K in keyof ExportCommands]: v.GenericSchema<unknown, ExportCommands[K]['args']> }
