// Saves the recording, or what is shown of it, for Perfetto and Chrome's own viewer: from what the page holds, or read again
// from the capture. Counterparts: trace-export.ts and whole-trace.ts (the text), download.ts (the file).
import { Download } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { eventLog } from '../event-log/event-log.ts'
import { useCommands } from '../link/link.ts'
import type { Callback } from '../loop-log/callbacks.ts'
import { createLoopLog, type LoopLog, loopLog } from '../loop-log/loop-log.ts'
import { captureStore } from '../stores/capture.ts'
import { noticeStore } from '../stores/notice.ts'
import { IconButton } from '../ui/button.tsx'
import { ActionMenu } from '../workbench/action-menu.tsx'
import { downloadParts } from './download.ts'
import { loopSettings } from './settings.ts'
import { type TraceOptions, type TraceStretch, traceParts } from './trace-export.ts'
import { useLoopLog } from './use-loop-log.ts'
import { loopView } from './view.ts'
import { TraceFailure, wholeTrace } from './whole-trace.ts'
import { callbackWords, type NamingEvents } from './words.ts'

/** Text is handed to the browser in pieces of this many characters, so that a long one need not fit into the page's memory. */
const blobChars = 4 * 1024 * 1024

const gather = async (parts: AsyncIterable<string>): Promise<Blob[]> => {
  const blobs: Blob[] = []
  let held: string[] = []
  let chars = 0
  for await (const part of parts) {
    held.push(part)
    chars += part.length
    if (chars < blobChars) continue
    blobs.push(new Blob(held))
    held = []
    chars = 0
  }
  return [...blobs, new Blob(held)]
}

/** What is read again is put together here, one export at a time. */
let piece: LoopLog | null = null

/** True where the page holds every record of the stretch; of everything where that is null. */
const isHeld = (stretch: TraceStretch | null): boolean =>
  stretch === null
    ? loopLog.droppedRecords === 0 && loopLog.heldFrom <= loopLog.firstAt && loopLog.heldTo === Number.POSITIVE_INFINITY
    : loopLog.heldFrom <= Math.max(stretch.fromAt, loopLog.firstAt) && loopLog.heldTo >= stretch.toAt

export const ExportMenu = () => {
  const { t } = useTranslation()
  const commands = useCommands()
  const empty = useLoopLog((counts) => counts.lastAt === 0)
  /** How much of the recording has been read, 0 to 1; null while nothing is exported. */
  const [done, setDone] = useState<number | null>(null)
  const nameOf = (callback: Callback, events: NamingEvents): string => {
    const { what, detail } = callbackWords(events, callback)
    const connection = callback.connection === null ? '' : t('loop.conn', { id: callback.connection })
    return [what, connection, detail].filter(Boolean).join(' · ')
  }
  const read = async (stretch: TraceStretch | null, options: Omit<TraceOptions, 'nameOf'>): Promise<Blob[]> => {
    const known = captureStore.getState().capture?.loop
    let fromRecord = known?.firstRecord ?? 1
    if (stretch !== null) {
      const found = await commands.seekTime({ at: stretch.fromAt })
      if (!found.ok) throw new TraceFailure(found)
      // What ran into the stretch began before it.
      fromRecord = Math.max(fromRecord, found.value.record - 64)
    }
    piece ??= createLoopLog({ limitBytes: Number.POSITIVE_INFINITY })
    const untilRecord = Math.max(loopLog.nextRecord, known?.nextRecord ?? 1)
    const onRecord = (record: number) => setDone((record - fromRecord) / Math.max(1, untilRecord - fromRecord))
    return gather(wholeTrace(commands, piece, { ...options, fromRecord, untilRecord, nameOf, onRecord }))
  }
  const save = async (name: string, stretch: TraceStretch | null) => {
    const options = {
      stretch,
      own: loopSettings.getState().showOwn,
      words: {
        process: t('loop.trace.process'),
        turns: t('loop.trace.turns'),
        lane: t('loop.lane', { returnObjects: true }),
        collections: t('loop.trace.collections'),
        ownWork: t('loop.trace.ownWork'),
        pollWaits: t('loop.trace.pollWaits'),
        collection: t('loop.trace.collection'),
        waiting: t('loop.trace.waiting'),
      },
    }
    if (isHeld(stretch)) {
      const parts = traceParts(loopLog, { ...options, nameOf: (callback) => nameOf(callback, eventLog) })
      downloadParts(name, 'application/json', parts)
      return
    }
    setDone(0)
    try {
      downloadParts(name, 'application/json', await read(stretch, options))
    } catch (thrown) {
      if (!(thrown instanceof TraceFailure)) throw thrown
      noticeStore.getState().report(thrown.result)
    } finally {
      piece?.startAt(1)
      setDone(null)
    }
  }
  return (
    <ActionMenu
      trigger={
        <IconButton label={t('loop.flame.export')} disabled={empty || done !== null}>
          <Download size={14} aria-hidden="true" />
          {done === null ? null : (
            <span className="data">{t('loop.flame.exporting', { share: `${Math.floor(done * 100)}\u202f%` })}</span>
          )}
        </IconButton>
      }
      groups={[
        {
          title: t('loop.flame.exportTitle'),
          entries: [
            {
              id: 'shown',
              icon: <Download size={14} aria-hidden="true" />,
              text: t('loop.flame.exportShown'),
              help: t('loop.flame.exportHelp'),
              run: () => {
                const { range } = loopView.getState()
                void save('wireloop-loop-part.json', { fromAt: range.startMs, toAt: range.endMs })
              },
            },
            {
              id: 'all',
              icon: <Download size={14} aria-hidden="true" />,
              text: t('loop.flame.exportAll'),
              help: t('loop.flame.exportHelp'),
              run: () => void save('wireloop-loop.json', null),
            },
          ],
        },
      ]}
    />
  )
}
