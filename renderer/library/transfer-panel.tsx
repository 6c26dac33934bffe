// The workspace as a file: out and in, ours and Packet Sender's. Counterparts: transfer.ts (what an import adds),
// preload/contract/workspace-document.ts and workspace-packet-sender.ts (the formats).
import { Download, Upload } from 'lucide-react'
import { type ChangeEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import type { WorkspaceParts } from '../../preload/contract/workspace.ts'
import { maxWorkspaceBytes } from '../../preload/contract/workspace-checks.ts'
import { formatWorkspace, parseWorkspace } from '../../preload/contract/workspace-document.ts'
import { formatPacketSender, parsePacketSender } from '../../preload/contract/workspace-packet-sender.ts'
import { downloadParts } from '../loop/download.ts'
import { useWorkspace } from '../stores/workspace.ts'
import { Button } from '../ui/button.tsx'
import { newId } from './new-id.ts'
import { importParts } from './transfer.ts'

type Parse = (text: string) => Result<Partial<WorkspaceParts>>

const parseOurs: Parse = (text) => {
  const opened = parseWorkspace(text)
  if (!opened.ok) return opened
  const { parts, damaged } = opened.value
  // Half of a file would be worse than none: nobody could tell what is missing.
  return damaged.length === 0 ? ok(parts) : fail('damaged', damaged.join('; '))
}

const parseTheirs: Parse = (text) => {
  const messages = parsePacketSender(text, newId)
  return messages.ok ? ok({ messages: messages.value }) : messages
}

interface ImportProps {
  readonly name: string
  readonly title: string
  readonly help: string
  readonly parse: Parse
  told(message: string, failed: boolean): void
}

const Import = ({ name, title, help, parse, told }: ImportProps) => {
  const { t } = useTranslation()
  const input = useRef<HTMLInputElement>(null)
  const onChange = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0]
    event.target.value = ''
    if (file === undefined) return
    const parsed: Result<Partial<WorkspaceParts>> =
      file.size > maxWorkspaceBytes
        ? fail('too-large', `${file.name}: ${file.size} > ${maxWorkspaceBytes}`)
        : parse(await file.text())
    const written = parsed.ok ? await importParts(parsed.value) : parsed
    if (!written.ok || !parsed.ok) {
      if (!written.ok) told(t('library.importFailed', { message: written.failure.message }), true)
      return
    }
    const { messages = [], sequences = [], ...others } = parsed.value
    const rest = Object.values(others).reduce((sum, part) => sum + part.length, 0)
    told(t('library.imported', { messages: messages.length, sequences: sequences.length, others: rest }), false)
  }
  return (
    <section className="transfer" aria-label={title}>
      <h3>{title}</h3>
      <p>{help}</p>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        className="visually-hidden"
        tabIndex={-1}
        aria-label={`${title}: ${t('library.chooseJson')}`}
        data-import={name}
        onChange={(event) => void onChange(event)}
      />
      <Button onClick={() => input.current?.click()}>
        <Upload size={14} aria-hidden="true" />
        {t('library.chooseJson')}
      </Button>
    </section>
  )
}

export const TransferPanel = () => {
  const { t } = useTranslation()
  const parts = useWorkspace((state) => state.parts)
  const [said, setSaid] = useState<{ readonly message: string; readonly failed: boolean } | null>(null)
  const told = (message: string, failed: boolean) => setSaid({ message, failed })
  return (
    <div>
      <section className="transfer" aria-label={t('library.exportWorkspace')}>
        <h3>{t('library.exportWorkspace')}</h3>
        <p>{t('library.exportWorkspaceHelp')}</p>
        <Button
          data-export="workspace"
          onClick={() => downloadParts('wireloop-workspace.json', 'application/json', [formatWorkspace(parts)])}
        >
          <Download size={14} aria-hidden="true" />
          {t('library.export')}
        </Button>
      </section>
      <Import
        name="workspace"
        title={t('library.importWorkspace')}
        help={t('library.importWorkspaceHelp')}
        parse={parseOurs}
        told={told}
      />
      <section className="transfer" aria-label={t('library.exportPackets')}>
        <h3>{t('library.exportPackets')}</h3>
        <p>{t('library.exportPacketsHelp')}</p>
        <Button
          data-export="packets"
          disabled={parts.messages.length === 0}
          onClick={() => downloadParts('packets.json', 'application/json', [formatPacketSender(parts.messages)])}
        >
          <Download size={14} aria-hidden="true" />
          {t('library.export')}
        </Button>
      </section>
      <Import
        name="packets"
        title={t('library.importPackets')}
        help={t('library.importPacketsHelp')}
        parse={parseTheirs}
        told={told}
      />
      {said === null ? null : (
        <p className={said.failed ? 'field-error' : 'dim'} role={said.failed ? 'alert' : 'status'}>
          {said.message}
        </p>
      )}
    </div>
  )
}
