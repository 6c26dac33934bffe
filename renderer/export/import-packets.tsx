// Brings a packet capture in: chosen by the person, handed to the host piece by piece, and listed as a capture like any other.
// Counterparts: main/import (puts its streams in order), capture/capture-list.tsx (where it stands).
import { FileInput } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Imported, importPieceBytes } from '../../preload/contract/exports.ts'
import { useCommands, useLink } from '../link/link.ts'
import { Button } from '../ui/button.tsx'
import { formatBytes, formatCount } from '../ui/format.ts'
import { ErrorMark } from '../ui/marks.tsx'
import './export.css'

export type ImportState =
  | { readonly at: 'reading'; readonly name: string; readonly share: number }
  | { readonly at: 'building'; readonly name: string }
  | { readonly at: 'done'; readonly imported: Imported }
  | { readonly at: 'failed'; readonly name: string; readonly message: string }

export interface ImportPackets {
  readonly state: ImportState | null
  start(file: File): void
  stop(): void
}

/** `changed`: there is a capture more. */
export const useImportPackets = (changed: () => void): ImportPackets => {
  const commands = useCommands()
  const [state, setState] = useState<ImportState | null>(null)
  const current = useRef<{ id: number | null } | null>(null)
  const stop = () => {
    const id = current.current?.id ?? null
    current.current = null
    setState(null)
    if (id !== null) void commands.cancelImport({ id })
  }
  const stopLatest = useRef(stop)
  stopLatest.current = stop
  useEffect(() => () => stopLatest.current(), [])

  const run = async (file: File) => {
    const mine = { id: null as number | null }
    current.current = mine
    const isMine = () => current.current === mine
    const { name } = file
    const end = (next: ImportState) => {
      if (!isMine()) return
      current.current = null
      setState(next)
    }
    setState({ at: 'reading', name, share: 0 })
    const started = await commands.startImport({ name: name.slice(-200) })
    if (!started.ok) return end({ at: 'failed', name, message: started.failure.message })
    const id = started.value
    mine.id = id
    if (!isMine()) return void commands.cancelImport({ id })
    try {
      for (let at = 0; ; at += importPieceBytes) {
        const data = new Uint8Array(await file.slice(at, at + importPieceBytes).arrayBuffer())
        const done = at + importPieceBytes >= file.size
        if (!isMine()) return
        setState(done ? { at: 'building', name } : { at: 'reading', name, share: at / file.size })
        const answer = await commands.continueImport({ id, data, done })
        if (!answer.ok) return end({ at: 'failed', name, message: answer.failure.message })
        if (answer.value === null) continue
        end({ at: 'done', imported: answer.value })
        changed()
        return
      }
    } catch (error) {
      // The file is gone, or may not be read any more.
      void commands.cancelImport({ id })
      end({ at: 'failed', name, message: (error as Error).message })
    }
  }
  return {
    state,
    start: (file) => {
      if (current.current === null) void run(file)
    },
    stop,
  }
}

export const ImportButton = ({ packets }: { readonly packets: ImportPackets }) => {
  const { t } = useTranslation()
  const input = useRef<HTMLInputElement>(null)
  const busy = packets.state?.at === 'reading' || packets.state?.at === 'building'
  return (
    <>
      <input
        ref={input}
        type="file"
        className="visually-hidden"
        tabIndex={-1}
        aria-hidden="true"
        accept=".pcapng,.pcap,.cap,.ntar"
        data-import-file=""
        onChange={(event) => {
          const file = event.target.files?.[0]
          // The same file may be chosen again.
          event.target.value = ''
          if (file !== undefined) packets.start(file)
        }}
      />
      <Button disabled={busy} title={t('importing.help')} onClick={() => input.current?.click()}>
        <FileInput size={14} aria-hidden="true" />
        {t('importing.choose')}
      </Button>
    </>
  )
}

/** `left`: something else is looked at now. */
export const ImportReport = ({ packets, left }: { readonly packets: ImportPackets; left(): void }) => {
  const { t } = useTranslation()
  const link = useLink()
  const [problem, setProblem] = useState<string | null>(null)
  const { state, stop } = packets
  if (state === null) return null
  if (state.at === 'failed')
    return (
      <p className="field-error" role="alert">
        <ErrorMark />
        <span>{t('importing.failed', { name: state.name, message: state.message })}</span>
      </p>
    )
  if (state.at !== 'done')
    return (
      <div className="export-progress" role="status">
        <span>
          {state.at === 'reading'
            ? t('importing.reading', { name: state.name, share: `${Math.floor(state.share * 100)}\u202f%` })
            : t('importing.building', { name: state.name })}
        </span>
        <span className="grow" />
        {state.at === 'reading' ? <Button onClick={stop}>{t('importing.stop')}</Button> : null}
      </div>
    )
  const { file, summary } = state.imported
  const open = async () => {
    const looked = await link.look(file.id)
    if (looked.ok) left()
    else setProblem(looked.failure.message)
  }
  const words = [
    t('importing.done', {
      count: summary.connections,
      connections: formatCount(summary.connections),
      size: formatBytes(summary.payloadBytes),
      packets: formatCount(summary.packets),
    }),
    summary.missingBytes === 0 ? '' : t('importing.missing', { size: formatBytes(summary.missingBytes) }),
    summary.repeatedBytes === 0 ? '' : t('importing.repeated', { size: formatBytes(summary.repeatedBytes) }),
    summary.passedOver === 0
      ? ''
      : t('importing.passedOver', { count: summary.passedOver, packets: formatCount(summary.passedOver) }),
  ].filter(Boolean)
  return (
    <div className="import-done" role="status">
      <p>{words.join('; ')}</p>
      {[...summary.problems, ...(problem === null ? [] : [problem])].map((sentence) => (
        <p key={sentence} className="field-error">
          <ErrorMark />
          <span>{sentence}</span>
        </p>
      ))}
      <span className="import-actions">
        <Button onClick={() => void open()}>{t('importing.open', { name: file.name })}</Button>
        <Button weight="quiet" onClick={stop}>
          {t('importing.close')}
        </Button>
      </span>
    </div>
  )
}
