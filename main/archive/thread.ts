// The archive thread: started once to write the capture that is recorded, and once more, when first asked, to read captures.
// Counterparts: archive-host.ts on the other side of the port, messages.ts (what passes), recording.ts and reader.ts.
import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import type { ArchiveThreadData, FromReader, FromWriter, ToReader, ToWriter, WriterQuestion } from './messages.ts'
import { createReader } from './reader.ts'
import { createRecording } from './recording.ts'

if (parentPort === null)
  throw new Error('main/archive/thread.ts runs as a worker thread; see main/archive/archive-host.ts')
const port = parentPort

/** Behind the engine where both want a core: sockets come first, and what waits here is bounded and counted. */
const niceness = { writer: 5, reader: 10 } as const

const stepBack = (by: number) => {
  try {
    // "PID/task/TID"; Linux alone has priorities for threads.
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
    setPriority(thread, by)
  } catch {
    // Another system, or one that does not let us: the same priority as the engine then.
  }
}

const startWriting = (data: Extract<ArchiveThreadData, { role: 'writer' }>) => {
  const post = (message: FromWriter) => port.postMessage(message)
  const recording = createRecording({
    ...data,
    onWritten: (count) => post({ type: 'written', count }),
    onStatus: (status) => post({ type: 'status', status }),
    onLost: (beforeSeq) => post({ type: 'lost', beforeSeq }),
  })

  const answer = (question: WriterQuestion): Result<unknown> => {
    switch (question.type) {
      case 'flush':
        recording.flush()
        return ok(null)
      case 'limits':
        recording.setLimits(question.limits)
        return ok(recording.status())
      case 'bookmark':
        recording.bookmark(question.seq, question.note)
        return ok(null)
      case 'compact':
        return ok(recording.compact())
    }
  }

  port.on('message', (message: ToWriter) => {
    switch (message.type) {
      case 'ask':
        try {
          post({ type: 'reply', id: message.id, result: answer(message.question) })
        } catch (error) {
          post({ type: 'reply', id: message.id, result: fail('wrong-state', (error as Error).message) })
        }
        break
      case 'refill':
        recording.refill(message.buffers)
        break
      case 'stop':
        recording.dispose()
        post({ type: 'status', status: recording.status() })
        post({ type: 'stopped' })
        port.close()
        break
      default:
        recording.record(message)
    }
  })
  post({ type: 'ready' })
}

/** Buffers of an answer that can change hands instead of being copied. */
const transferable = (value: unknown): ArrayBuffer[] => {
  if (value instanceof ArrayBuffer) return [value]
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  const buffers = new Set<ArrayBuffer>()
  for (const part of Object.values(value))
    if (ArrayBuffer.isView(part) && part.buffer instanceof ArrayBuffer) buffers.add(part.buffer)
  return [...buffers]
}

const startReading = () => {
  const reader = createReader()
  port.on('message', async (message: ToReader | { readonly name: 'stop' }) => {
    if (message.name === 'stop') {
      reader.dispose()
      port.close()
      return
    }
    const result = await reader.answer(message.name, message.args)
    port.postMessage({ id: message.id, result } satisfies FromReader, transferable(result.ok ? result.value : null))
  })
}

const data = workerData as ArchiveThreadData
stepBack(niceness[data.role])
if (data.role === 'writer') startWriting(data)
else startReading()
