// One export as the page runs it: piece by piece from the host into a file, the next one asked for when the last is written.
// Counterparts: save-target.ts (the file), main/export/page-exports.ts (the host), export-sheet.tsx.
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CommandMethods } from '../../preload/contract/api.ts'
import type { ExportSpec, ExportSummary } from '../../preload/contract/exports.ts'
import { linkStatusStore } from '../stores/link-status.ts'
import { chooseTarget, type SaveTarget } from './save-target.ts'

export type RunState =
  | { readonly at: 'choosing' }
  /** `share`: 0 to 1. */
  | { readonly at: 'running'; readonly share: number; readonly bytes: number }
  | { readonly at: 'done'; readonly name: string; readonly summary: ExportSummary }
  | { readonly at: 'failed'; readonly message: string }

export interface ExportRun {
  readonly state: RunState | null
  start(spec: ExportSpec, name: string): void
  /** Ends what runs; puts a report away. */
  cancel(): void
}

type Commands = Pick<CommandMethods, 'startExport' | 'continueExport' | 'cancelExport'>

export const useExportRun = (commands: Commands): ExportRun => {
  const { t } = useTranslation()
  const [state, setState] = useState<RunState | null>(null)
  /** What is under way; another object, or null, once it is cancelled. */
  const current = useRef<{ id: number | null } | null>(null)

  const cancel = () => {
    const running = current.current
    current.current = null
    setState(null)
    if (running !== null && running.id !== null) void commands.cancelExport({ id: running.id })
  }
  // A sheet that is gone exports no more.
  const cancelLatest = useRef(cancel)
  cancelLatest.current = cancel
  useEffect(() => () => cancelLatest.current(), [])

  const run = async (spec: ExportSpec, proposed: string, mine: { id: number | null }) => {
    const desktop = linkStatusStore.getState().host?.kind === 'desktop'
    const tooLarge = t('export.tooLarge')
    const target: SaveTarget | null = desktop ? null : await chooseTarget(proposed, tooLarge)
    if (current.current !== mine) return target?.abandon()
    const abandon = async (next: RunState | null) => {
      await target?.abandon()
      if (current.current !== mine) return
      current.current = null
      setState(next)
    }
    if (!desktop && target === null) return abandon(null)
    const started = await commands.startExport({ export: spec, to: desktop ? 'file' : 'page' })
    if (!started.ok) return abandon({ at: 'failed', message: started.failure.message })
    // The person thought better of it.
    if (started.value === null) return abandon(null)
    const { id, name, mimeType, events } = started.value
    mine.id = id
    if (current.current !== mine) {
      void commands.cancelExport({ id })
      await target?.abandon()
      return
    }
    let bytes = 0
    setState({ at: 'running', share: 0, bytes })
    for (;;) {
      const piece = await commands.continueExport({ id })
      if (current.current !== mine) return target?.abandon()
      if (!piece.ok) return abandon({ at: 'failed', message: piece.failure.message })
      const { data, doneEvents, summary } = piece.value
      try {
        if (data.length > 0) await target?.write(data)
        if (summary !== null) await target?.close(proposed, mimeType)
      } catch (error) {
        void commands.cancelExport({ id })
        return abandon({ at: 'failed', message: (error as Error).message })
      }
      // Cancelled while it was written; what is whole stays.
      if (current.current !== mine) return summary === null ? target?.abandon() : undefined
      bytes += data.length
      if (summary !== null) {
        current.current = null
        setState({ at: 'done', name: desktop ? name : proposed, summary })
        return
      }
      setState({ at: 'running', share: events === 0 ? 1 : Math.min(1, doneEvents / events), bytes })
    }
  }

  return {
    state,
    start(spec, name) {
      if (current.current !== null) return
      const mine = { id: null }
      current.current = mine
      setState({ at: 'choosing' })
      void run(spec, name, mine)
    },
    cancel,
  }
}
