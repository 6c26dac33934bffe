// One replay as the page sees it: begun, followed to its report, stopped. Counterparts: main/replay (does it),
// replay-sheet.tsx.
import { useEffect, useRef, useState } from 'react'
import type { CommandMethods } from '../../preload/contract/api.ts'
import type { ReplayReport, ReplaySpec } from '../../preload/contract/exports.ts'
import type { Failure } from '../../preload/contract/failure.ts'

export type ReplayState =
  | { readonly at: 'running'; readonly sentBytes: number; readonly answerBytes: number }
  | { readonly at: 'ended'; readonly report: ReplayReport }
  | { readonly at: 'refused'; readonly failure: Failure }

type Commands = Pick<CommandMethods, 'startReplay' | 'continueReplay' | 'cancelReplay'>

export const useReplay = (commands: Commands) => {
  const [state, setState] = useState<ReplayState | null>(null)
  const current = useRef<{ id: number | null } | null>(null)
  const stop = () => {
    const id = current.current?.id ?? null
    if (id !== null) void commands.cancelReplay({ id })
  }
  const stopLatest = useRef(stop)
  stopLatest.current = stop
  useEffect(
    () => () => {
      stopLatest.current()
      current.current = null
    },
    [],
  )
  const run = async (spec: ReplaySpec) => {
    const mine = { id: null as number | null }
    current.current = mine
    const isMine = () => current.current === mine
    setState({ at: 'running', sentBytes: 0, answerBytes: 0 })
    const started = await commands.startReplay({ replay: spec })
    if (started.ok) mine.id = started.value
    if (!isMine()) {
      if (started.ok) void commands.cancelReplay({ id: started.value })
      return
    }
    if (!started.ok) {
      current.current = null
      setState({ at: 'refused', failure: started.failure })
      return
    }
    for (;;) {
      const progress = await commands.continueReplay({ id: started.value })
      if (!isMine()) return
      if (!progress.ok) {
        current.current = null
        setState({ at: 'refused', failure: progress.failure })
        return
      }
      const { sentBytes, answerBytes, report } = progress.value
      if (report !== null) {
        current.current = null
        setState({ at: 'ended', report })
        return
      }
      setState({ at: 'running', sentBytes, answerBytes })
    }
  }
  return {
    state,
    start: (spec: ReplaySpec) => {
      if (current.current === null) void run(spec)
    },
    stop,
  }
}
