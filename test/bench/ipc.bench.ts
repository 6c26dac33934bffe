// Events from the engine's thread to main: the recorder's batches as they are, against one message an event and against batches of
// objects. Counterparts: support/ipc-host.ts (main's side), support/ipc-thread.ts (the engine's), main/engine/record.
import path from 'node:path'
import { startProcess } from './support/processes.ts'
import type { Suite } from './support/suite.ts'

const subjects = ['wireloop', 'objects', 'messages']
const cells = ['64 B', '1 KiB']

export const ipc: Suite = {
  name: 'ipc',
  about:
    'Events/s from a thread to main and into the capture: the recorder’s columns, batches of objects, one message each.',
  metrics: [
    { name: 'perSecond', title: 'events/s', better: 'more', digits: 0, compared: true },
    {
      name: 'mainMicroseconds',
      title: 'µs of main’s processor time an event',
      better: 'less',
      digits: 3,
      compared: true,
    },
    {
      name: 'threadMicroseconds',
      title: 'µs of the thread’s processor time an event',
      better: 'less',
      digits: 3,
      compared: false,
    },
    { name: 'dropped', title: 'events or payloads dropped', better: 'less', digits: 0, compared: false },
  ],
  cells,
  smokeCells: ['64 B'],
  subjects: subjects.map((name) => ({ name, missing: () => null, version: () => '' })),
  pairs: [
    ['wireloop', 'objects'],
    ['wireloop', 'messages'],
  ],
  goals: [{ subject: 'wireloop', against: null, metric: 'dropped', cells, bound: 0 }],
  async measure(subject, cell, { seconds, warmSeconds }) {
    const bytes = cell === '64 B' ? '64' : '1024'
    const host = path.join(import.meta.dirname, 'support/ipc-host.ts')
    const process_ = await startProcess(process.execPath, [host, subject, bytes, `${warmSeconds}`, `${seconds}`])
    try {
      return JSON.parse(await process_.line())
    } finally {
      await process_.stop()
    }
  },
}
