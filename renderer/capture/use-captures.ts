// What the sheet knows of captures: the recording, looked at once a second while the sheet is open, and the list of files.
// Counterparts: captures-sheet.tsx, which draws it; main/capture-commands.ts, which answers.
import { useCallback, useEffect, useRef, useState } from 'react'
import type { CaptureFileInfo, RecordingState } from '../../preload/contract/captures.ts'
import type { Failure } from '../../preload/contract/failure.ts'
import { useCommands } from '../link/link.ts'
import { useLinkStatus } from '../stores/link-status.ts'

const lookMs = 1000

/** Per second, between the last two looks. */
export interface RecordingRate {
  readonly events: number
  readonly bytes: number
}

export interface Captures {
  /** Null until the host has answered. */
  readonly recording: RecordingState | null
  /** Null before there were two looks at the same file. */
  readonly rate: RecordingRate | null
  /** Why this app keeps no files at all; null where it does. */
  readonly without: Failure | null
  /** Null until listed. */
  readonly files: readonly CaptureFileInfo[] | null
  /** Why the files cannot be listed. */
  readonly failure: Failure | null
  takeRecording(recording: RecordingState): void
  /** Lists the files anew. */
  refresh(): Promise<void>
}

interface Look {
  readonly atMs: number
  readonly state: RecordingState
}

const rateBetween = (before: Look | null, now: Look): RecordingRate | null => {
  const [a, b] = [before?.state.file, now.state.file]
  if (before === null || a == null || b == null || a.id !== b.id) return null
  const seconds = (now.atMs - before.atMs) / 1000
  if (seconds <= 0) return null
  const eventsOf = ({ file, waitingEvents }: RecordingState) =>
    (file === null ? 0 : file.events + file.droppedEvents) + waitingEvents
  return {
    events: Math.max(0, eventsOf(now.state) - eventsOf(before.state)) / seconds,
    // Dropping makes room, and room that is filled again does not show in the size.
    bytes: Math.max(0, b.sizeBytes - a.sizeBytes) / seconds,
  }
}

/** This app keeps no files, or this Node has no SQLite: neither changes while it runs. A lost link may come back. */
const isForGood = ({ code }: Failure): boolean => code === 'wrong-state' || code === 'unsupported'

/** Only of what is mounted: looking ends with it. */
export const useCaptures = (): Captures => {
  const commands = useCommands()
  const [look, setLook] = useState<Look | null>(null)
  const [rate, setRate] = useState<RecordingRate | null>(null)
  const [without, setWithout] = useState<Failure | null>(null)
  const [files, setFiles] = useState<readonly CaptureFileInfo[] | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const last = useRef<Look | null>(null)
  const asked = useRef(0)

  const take = useCallback((state: RecordingState) => {
    const now = { atMs: performance.now(), state }
    setRate(rateBetween(last.current, now))
    last.current = now
    setLook(now)
  }, [])

  const refresh = useCallback(async () => {
    const mine = ++asked.current
    const listed = await commands.listCaptures(null)
    // A later question has a later answer.
    if (mine !== asked.current) return
    if (!listed.ok && isForGood(listed.failure)) setWithout(listed.failure)
    setFailure(listed.ok ? null : listed.failure)
    if (listed.ok) setFiles(listed.value)
  }, [commands])

  useEffect(() => {
    let over = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const lookOnce = async () => {
      const recording = await commands.recording(null)
      if (over) return
      if (recording.ok) take(recording.value)
      else setRate(null)
      if (!recording.ok && isForGood(recording.failure)) setWithout(recording.failure)
      timer = setTimeout(lookOnce, lookMs)
    }
    void lookOnce()
    return () => {
      over = true
      clearTimeout(timer)
    }
  }, [commands, take])

  const recorded = look?.state.file?.id ?? null
  const linked = useLinkStatus((state) => state.phase === 'ready')
  // biome-ignore lint/correctness/useExhaustiveDependencies: a file that was begun or lost is one more, or one less
  useEffect(() => {
    if (linked) void refresh()
  }, [refresh, recorded, linked])

  return {
    recording: look?.state ?? null,
    rate,
    without,
    files,
    failure,
    takeRecording: take,
    refresh,
  }
}
