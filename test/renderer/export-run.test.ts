// An export that is cancelled while its file is waited for: the writer is ended, not left open. The hook runs as on a server:
// without a page, and without what it shows. Counterpart: renderer/export/export-run.ts.
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { CommandMethods } from '../../preload/contract/api.ts'
import type { ExportSpec } from '../../preload/contract/exports.ts'
import { type ExportRun, useExportRun } from '../../renderer/export/export-run.ts'

const asked: ExportSpec = { format: 'raw', filter: {}, direction: 'received', comments: true }

it.each(['createWritable', 'write'] as const)('ends its writer where it is cancelled during %s', async (when) => {
  const done: string[] = []
  let goOn = () => {}
  const wait = (what: string) => {
    done.push(what)
    return what === when
      ? new Promise<void>((resolve) => {
          goOn = resolve
        })
      : Promise.resolve()
  }
  const writer = {
    write: () => wait('write'),
    close: async () => void done.push('close'),
    abort: async () => void done.push('abort'),
  }
  const createWritable = () => wait('createWritable').then(() => writer)
  vi.stubGlobal('window', { showSaveFilePicker: async () => ({ createWritable }) })
  onTestFinished(() => void vi.unstubAllGlobals())
  const commands: Pick<CommandMethods, 'startExport' | 'continueExport' | 'cancelExport'> = {
    startExport: async () => ({ ok: true, value: { id: 1, name: 'x', mimeType: 'text/plain', events: 2 } }),
    continueExport: async () => ({ ok: true, value: { data: new Uint8Array(1), doneEvents: 1, summary: null } }),
    cancelExport: async () => ({ ok: true, value: null }),
  }
  let run: ExportRun | null = null
  const Page = () => {
    run = useExportRun(commands)
    return null
  }
  renderToString(createElement(Page))
  run!.start(asked, 'x')
  await vi.waitFor(() => expect(done).toContain(when), { timeout: 20_000 })
  run!.cancel()
  goOn()
  await vi.waitFor(() => expect(done.at(-1)).toBe('abort'), { timeout: 20_000 })
  expect(done).not.toContain('close')
})
