// “Copy as”: a payload, or what is marked of it, in a notation of one's choice. Counterparts: copy-as.ts (the notations),
// inspector/bytes-section.tsx (where it stands), keys.ts (`Y` opens it).
import { Check, ClipboardCopy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Address, ConnectionId } from '../../preload/contract/vocabulary.ts'
import { useEndpoints } from '../stores/endpoints.ts'
import { noticeStore } from '../stores/notice.ts'
import { IconButton } from '../ui/button.tsx'
import { formatBytes, formatSize } from '../ui/format.ts'
import { ActionMenu, type MenuEntry } from '../workbench/action-menu.tsx'
import { type CopyForm, copyAs, copyForms, mostBytesOf } from './copy-as.ts'
import { selectedBytes } from './selected-bytes.ts'

const letters: Readonly<Record<CopyForm, string>> = {
  text: 'T',
  escaped: 'E',
  hex: 'H',
  c: 'C',
  python: 'P',
  base64: 'B',
  ncat: 'N',
  socat: 'S',
}

const nowhere: Address = { host: '127.0.0.1', port: 8888 }

export interface CopyAsMenuProps {
  readonly bytes: Uint8Array
  readonly connection: ConnectionId | null
}

/** Whoever listens of the two: the one that bytes can be sent to again. */
const useTarget = (id: ConnectionId | null): Address =>
  useEndpoints((state) => {
    const connection = id === null ? undefined : state.connections.get(id)
    return (connection?.direction === 'in' ? connection.local : connection?.remote) ?? nowhere
  })

export const CopyAsMenu = ({ bytes, connection }: CopyAsMenuProps) => {
  const { t } = useTranslation()
  const target = useTarget(connection)
  const [copied, setCopied] = useState(false)
  const [part, setPart] = useState<{ readonly from: number; readonly to: number } | null>(null)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 1500)
    return () => clearTimeout(timer)
  }, [copied])
  // Opening the menu takes the mark away; what was marked is looked up before.
  const look = () => setPart(selectedBytes())
  const meant = part === null ? bytes : bytes.subarray(part.from, part.to)
  const copy = async (form: CopyForm) => {
    try {
      await navigator.clipboard.writeText(copyAs(form, meant, target))
      setCopied(true)
    } catch {
      noticeStore.getState().report({ ok: false, failure: { code: 'refused', message: t('copyAs.refused') } })
    }
  }
  const entryOf = (form: CopyForm): MenuEntry => {
    const most = mostBytesOf(form)
    return {
      id: form,
      icon: <ClipboardCopy size={14} aria-hidden="true" />,
      text: t(`copyAs.${form}`),
      letter: letters[form],
      ...(meant.length > most ? { help: t('copyAs.first', { size: formatSize(most) }) } : {}),
      run: () => void copy(form),
    }
  }
  const size = formatBytes(meant.length)
  return (
    <ActionMenu
      trigger={
        <IconButton
          label={copied ? t('word.copied') : t('copyAs.open')}
          shortcut="Y"
          data-copy-as=""
          onPointerDownCapture={look}
          onKeyDownCapture={look}
          onClickCapture={(event) => {
            // By its key: no pointer came before.
            if (event.detail === 0) look()
          }}
        >
          {copied ? <Check size={14} aria-hidden="true" /> : <ClipboardCopy size={14} aria-hidden="true" />}
        </IconButton>
      }
      groups={[
        {
          title: part === null ? t('copyAs.all', { size }) : t('copyAs.marked', { size }),
          entries: copyForms.filter((form) => form !== 'ncat' && form !== 'socat').map(entryOf),
        },
        { title: t('copyAs.commands'), entries: [entryOf('ncat'), entryOf('socat')] },
      ]}
    />
  )
}
