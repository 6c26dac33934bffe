// How a recording is told of: its counts in the shapes that pages know, and failures in plain words. Counterpart: recording.ts.
import { dirname } from 'node:path'
import type { CaptureInfo } from '../../preload/contract/api.ts'
import type { CaptureLimits } from '../../preload/contract/captures.ts'
import type { RecordingStatus } from './messages.ts'
import type { WriterStatus } from './writer.ts'

export const captureInfoOf = (status: WriterStatus, limits: CaptureLimits): CaptureInfo => ({
  firstSeq: status.firstSeq,
  nextSeq: status.nextSeq,
  droppedEvents: status.droppedEvents,
  storedBytes: status.usedBytes,
  limitBytes: limits.maxBytes,
  loop: {
    firstRecord: status.firstRecord,
    nextRecord: status.nextRecord,
    droppedRecords: status.droppedRecords,
    // The limit is one for both, and so is what is in use.
    storedBytes: status.usedBytes,
    limitBytes: limits.maxBytes,
  },
})

export const fileInfoOf = (status: WriterStatus, startedAtEpochMs: number): RecordingStatus['file'] => ({
  state: 'recording',
  sizeBytes: status.usedBytes,
  startedAtEpochMs,
  lastAt: status.lastAt,
  events: status.events,
  droppedEvents: status.droppedEvents,
  connections: status.connections,
  endpoints: status.endpoints,
  payloadBytes: status.payloadBytes,
})

/** Why a file cannot be written to, in a sentence. */
export const plainReason = (error: unknown, path: string): string => {
  const { code, message } = error as NodeJS.ErrnoException
  const folder = dirname(path)
  if (/disk is full|disk I\/O error/.test(message) || code === 'ENOSPC')
    return `The disk that ${folder} is on is full, or cannot be written to`
  if (/readonly|read-only/.test(message) || code === 'EROFS' || code === 'EACCES' || code === 'EPERM')
    return `The folder ${folder} cannot be written to`
  if (/unable to open/.test(message)) return `No capture file can be made in ${folder}`
  if (/malformed|not a database/.test(message)) return `The capture file ${path} was damaged while it was recorded to`
  return `The capture file cannot be written to: ${message}`
}
